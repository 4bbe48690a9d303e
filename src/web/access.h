#pragma once

#include "runtime/http.h"
#include "runtime/secret_file.h"

namespace plimsoll {

/// Whether the request carries "Authorization: Bearer TOKEN". An empty token lets everybody in.
[[nodiscard]] bool has_token(const HttpRequest& request, const Secret& token);

/// Whether the request was sent to this machine by a name or address of its own. A web page that
/// made its name point here would come with another Host ("DNS rebinding").
[[nodiscard]] bool is_for_localhost(const HttpRequest& request);

}  // namespace plimsoll
