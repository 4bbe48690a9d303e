#pragma once

#include <string>
#include <string_view>

#include "runtime/secret_file.h"

namespace plimsoll {

/// The section [web] of plimsoll.toml, with the token read.
struct WebConfig {
  /// ADDRESS:PORT. An address that other machines reach is refused without a token.
  std::string listen = "127.0.0.1:8480";
  Secret token;  ///< Asked for as "Authorization: Bearer TOKEN". Empty: not asked for.
};

/// Whether ADDRESS:PORT is one that only this machine reaches.
[[nodiscard]] inline bool is_loopback(std::string_view listen) {
  return listen.starts_with("127.") || listen.starts_with("[::1]:");
}

}  // namespace plimsoll
