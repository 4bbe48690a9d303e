#pragma once

#include <optional>
#include <string_view>

namespace plimsoll {

/// A file of ui/, as it was when this was built.
[[nodiscard]] std::optional<std::string_view> ui_file(std::string_view name);

}  // namespace plimsoll
