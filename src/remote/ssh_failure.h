#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

/// What ssh's last words mean, and what to do about it. `host` is the name in host.csv.
[[nodiscard]] Error explain_ssh_failure(const std::string& host, std::string_view words);

}  // namespace plimsoll
