#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "decide/fleet.h"
#include "decide/quiet.h"

namespace plimsoll {

/// plimsoll.move. A value that is none of these is read as never: whoever wrote it wanted a say.
enum class MoveLabel { automatic, ask, never };
[[nodiscard]] MoveLabel move_label(const ContainerState& container);

/// The label's value; null where it has none or an empty one.
[[nodiscard]] const std::string* label(const ContainerState& container, const std::string& key);

/// plimsoll.group, or else the Compose project: what moves together. Null where it has neither, and
/// with plimsoll.group=none, by which an owner takes a container out of its project.
[[nodiscard]] const std::string* group_of(const ContainerState& container);

/// What Compose calls a container in its project; null where it is not Compose's.
/// Source: com.docker.compose.service.
[[nodiscard]] const std::string* service_of(const ContainerState& container);

/// The services that have to run before it does. At most 64 are read.
/// Source: com.docker.compose.depends_on, "db:service_healthy:false,cache:service_started:true".
[[nodiscard]] std::vector<std::string> needs_of(const ContainerState& container);

/// plimsoll.apart: containers with the same value never share a host.
[[nodiscard]] const std::string* apart_of(const ContainerState& container);

/// plimsoll.pin, which is HOST or label=value of host.csv. No pin allows every host.
[[nodiscard]] bool pin_allows(const ContainerState& container, const HostState& host);

/// plimsoll.max-downtime. Errors: those of parse_duration.
[[nodiscard]] Result<std::optional<Duration>> max_downtime(const ContainerState& container);

/// plimsoll.quiet: the hours of the week in which its owner wants no stop; none where there is no
/// label. Errors: those of QuietHours::parse.
[[nodiscard]] Result<QuietHours> quiet_of(const ContainerState& container);

/// plimsoll.priority: the higher, the later it is moved, a number from -100 to 100. No label is 0;
/// one that cannot be read counts as 100: whoever wrote it wanted a say.
[[nodiscard]] int priority_of(const ContainerState& container);
[[nodiscard]] std::optional<int> parse_priority(std::string_view text);

/// Gives a container the labels of Policy::labels that its owner has not set.
void add_default_labels(const std::map<std::string, std::string>& defaults,
                        ContainerState& container);

/// plimsoll.allow: obstacles that the owner has thought of, as rule names with commas between:
/// "bind_mount,privileged".
[[nodiscard]] bool owner_allows(const ContainerState& container, std::string_view rule);

}  // namespace plimsoll
