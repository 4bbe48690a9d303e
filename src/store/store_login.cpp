#include "store/store_login.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/base64.h"

namespace plimsoll {
namespace {

bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::optional<std::string> login_fault(const StoreLogin& login) {
  if (login.username.find(':') != std::string::npos) {
    return "store.username: must not contain ':'";
  }
  if (!is_header_text(login.token.current())) {
    return "store.token_file: the token has a space or a control character";
  }
  if (!login.token.empty() && !login.username.empty()) {
    return "store: username and token are both set; keep one";
  }
  return std::nullopt;
}

std::string authorization(const StoreLogin& login, std::string_view scheme) {
  if (!login.token.empty()) {
    const auto& token = login.token.current();
    // One that replaced another may be anything.
    return is_header_text(token) ? fmt::format("{} {}", scheme, token) : std::string{};
  }
  if (login.username.empty()) return "";
  return "Basic " + base64(login.username + ":" + login.password.current());
}

std::string_view login_advice(const StoreLogin& login) {
  if (!login.token.empty()) return "check store.token_file or PLIMSOLL_STORE_TOKEN";
  if (login.username.empty()) {
    return "it wants a user: set store.username and store.password_file";
  }
  return "check store.username and store.password_file or PLIMSOLL_STORE_PASSWORD, and the user's "
         "rights";
}

}  // namespace plimsoll
