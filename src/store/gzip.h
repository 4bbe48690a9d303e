#pragma once

#include <string>
#include <string_view>

namespace plimsoll {

/// The text in gzip's form (RFC 1952), packed fast rather than small.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace plimsoll
