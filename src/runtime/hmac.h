#pragma once

#include <string>
#include <string_view>

namespace plimsoll {

/// HMAC-SHA-256 of a text by a key, as 64 lower-case hex digits (RFC 2104, FIPS 180-4).
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view text);

}  // namespace plimsoll
