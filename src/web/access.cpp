#include "web/access.h"

#include "core/text.h"

namespace plimsoll {

bool has_token(const HttpRequest& request, const Secret& token) {
  return token.empty() || token.matches(bearer_token(request));
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
