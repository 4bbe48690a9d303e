#include "runtime/hmac.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>

namespace plimsoll {

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  const std::basic_string<unsigned char> bytes{text.begin(), text.end()};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(),
       digest.data(), &length);
  std::string hex;
  for (const unsigned char byte : std::span{digest}.first(length)) {
    hex += fmt::format("{:02x}", byte);
  }
  return hex;
}

}  // namespace plimsoll
