#include "web/access.h"

#include "core/text.h"

namespace plimsoll {

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (b.empty()) return a.empty();
  std::size_t difference = a.size() ^ b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<std::size_t>(a[i] != b[i % b.size()]);
  }
  return difference == 0;
}

bool has_token(const HttpRequest& request, const std::string& token) {
  if (token.empty()) return true;
  constexpr std::string_view scheme = "bearer ";
  const auto value = header(request.headers, "Authorization");
  if (to_lower(value.substr(0, scheme.size())) != scheme) return false;
  return equal_in_constant_time(trim(value.substr(scheme.size())), token);
}

bool is_for_localhost(const HttpRequest& request) {
  std::string_view host = header(request.headers, "Host");
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    host = host.substr(0, colon);
  }
  const std::string name = to_lower(host);
  return name == "localhost" || name == "[::1]" ||
         (name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace plimsoll
