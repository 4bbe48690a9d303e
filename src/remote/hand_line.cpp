#include "remote/hand_line.h"

#include <array>

#include "core/text.h"
#include "docker/json_access.h"

namespace plimsoll {

Errc errc_named(std::string_view name) {
  constexpr std::array codes{Errc::invalid,      Errc::malformed, Errc::not_found,
                             Errc::unreachable,  Errc::timeout,   Errc::refused,
                             Errc::unauthorized, Errc::conflict,  Errc::too_large,
                             Errc::io,           Errc::cancelled};
  for (const auto code : codes) {
    if (name == to_string(code)) return code;
  }
  return Errc::io;
}

Result<json::value> parse_hand_line(std::string_view line, const std::string& host) {
  auto document = parse_json(line, host + ": the hand's answer");
  if (!document) return document.error();
  const auto& ok = member(*document, "ok");
  if (ok.is_bool() && !ok.get_bool()) {
    // Its words come from another machine, and go to terminals and logs.
    const auto words = printable(text_of(member(*document, "error")), 2000);
    return Error{errc_named(text_of(member(*document, "code"))), host + ": " + words};
  }
  return document;
}

}  // namespace plimsoll
