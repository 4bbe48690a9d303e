#pragma once

#include <optional>
#include <string_view>

namespace plimsoll {

/// A file that is part of the executable: agent.yaml.
[[nodiscard]] std::optional<std::string_view> agent_document(std::string_view name);

}  // namespace plimsoll
