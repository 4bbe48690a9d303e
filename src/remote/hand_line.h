#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

/// One line that an act of the hand printed, as its document.
/// Errors: that of {"ok": false, "code": …, "error": …}, with `host` in front; malformed.
[[nodiscard]] Result<boost::json::value> parse_hand_line(std::string_view line,
                                                         const std::string& host);

/// The code of that name; Errc::io where there is none.
[[nodiscard]] Errc errc_named(std::string_view name);

}  // namespace plimsoll
