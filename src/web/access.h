#pragma once

#include <string>
#include <string_view>

#include "runtime/http.h"

namespace plimsoll {

/// Whether the texts are equal, in a time that tells nothing of where they differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Whether the request carries "Authorization: Bearer TOKEN". An empty token lets everybody in.
[[nodiscard]] bool has_token(const HttpRequest& request, const std::string& token);

/// Whether the request was sent to this machine by a name or address of its own. A web page that
/// made its name point here would come with another Host ("DNS rebinding").
[[nodiscard]] bool is_for_localhost(const HttpRequest& request);

}  // namespace plimsoll
