#include "hand/gate_request.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t head_bytes_max = 16U << 10;
constexpr std::array methods{"GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "PATCH ", "OPTIONS "};
// Each of these lets bytes follow that are no request of their own.
constexpr std::array<std::string_view, 4> suspect_headers{"content-length", "transfer-encoding",
                                                          "upgrade", "expect"};

Error refused(std::string_view what) {
  return {Errc::refused, "this gate is for looking only: " + std::string{what} + " does not pass"};
}

Result<void> only_looks(std::string_view head) {
  const auto lines = split(head, '\n');
  if (!head.starts_with("GET /") && !head.starts_with("HEAD /")) {
    return refused(printable(lines.front().substr(0, lines.front().find(' ')), 20));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = lines[i];
    // A line that ends without a CR is read by some as a line and by others not.
    if (!line.ends_with('\r') || std::ranges::count(line, '\r') != 1) {
      return Error{Errc::malformed, "a request head whose lines do not end in CR LF"};
    }
    if (i == 0) continue;
    const auto name = to_lower(trim(line.substr(0, line.find(':'))));
    if (std::ranges::find(suspect_headers, name) != suspect_headers.end()) return refused(name);
  }
  return {};
}

}  // namespace

bool begins_request(std::string_view bytes) {
  return std::ranges::any_of(methods, [&](auto method) { return bytes.starts_with(method); });
}

Result<std::string> LookFilter::feed(std::string_view bytes) {
  held_ += bytes;
  std::string passed;
  for (;;) {
    const auto end = held_.find("\r\n\r\n");
    if (end == std::string::npos) break;
    const auto head = std::string_view{held_}.substr(0, end + 1);
    if (const auto fine = only_looks(head); !fine) return fine.error();
    passed += held_.substr(0, end + 4);
    held_.erase(0, end + 4);
  }
  if (held_.size() > head_bytes_max) {
    return Error{Errc::too_large, "a request head of more than 16 KiB"};
  }
  return passed;
}

}  // namespace plimsoll
