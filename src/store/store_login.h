#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/secret_file.h"

namespace plimsoll {

/// Credentials for a store's server; all empty: none.
struct StoreLogin {
  std::string username;
  Secret password;
  Secret token;  ///< In place of user and password.
};

/// What is wrong with them, by the key of the configuration.
[[nodiscard]] std::optional<std::string> login_fault(const StoreLogin& login);

/// The value of the Authorization header as of now, or "". `scheme` goes before a token.
[[nodiscard]] std::string authorization(const StoreLogin& login, std::string_view scheme);

/// What to do when the server says no.
[[nodiscard]] std::string_view login_advice(const StoreLogin& login);

}  // namespace plimsoll
