#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "decide/fleet.h"

namespace plimsoll {

/// plimsoll.move. A value that is none of these is read as never: whoever wrote it wanted a say.
enum class MoveLabel { automatic, ask, never };
[[nodiscard]] MoveLabel move_label(const ContainerState& container);

/// The label's value; null where it has none or an empty one.
[[nodiscard]] const std::string* label(const ContainerState& container, const std::string& key);

/// plimsoll.group, or else the Compose project: what moves together.
[[nodiscard]] const std::string* group_of(const ContainerState& container);

/// plimsoll.apart: containers with the same value never share a host.
[[nodiscard]] const std::string* apart_of(const ContainerState& container);

/// plimsoll.pin, which is HOST or label=value of host.csv. No pin allows every host.
[[nodiscard]] bool pin_allows(const ContainerState& container, const HostState& host);

/// plimsoll.max-downtime. Errors: those of parse_duration.
[[nodiscard]] Result<std::optional<Duration>> max_downtime(const ContainerState& container);

/// plimsoll.allow: obstacles that the owner has thought of, as rule names with commas between:
/// "bind_mount,privileged".
[[nodiscard]] bool owner_allows(const ContainerState& container, std::string_view rule);

}  // namespace plimsoll
