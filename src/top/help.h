#pragma once

#include <string>
#include <vector>

namespace plimsoll {

/// What `?` shows, a line each, none wider than that where it can be helped.
[[nodiscard]] std::vector<std::string> help_lines(std::size_t columns);

}  // namespace plimsoll
