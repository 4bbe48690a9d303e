#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/policy.h"

namespace plimsoll {

/// One reason why a container cannot be moved, for people.
struct Obstacle {
  Rule rule{};
  std::string detail;
};

/// Every reason why `container`, which is on `host`, cannot be moved anywhere, by MIGRATION's list
/// and its labels; none: it is movable, alone or with those it moves together with.
[[nodiscard]] std::vector<Obstacle> obstacles_of(const ContainerState& container,
                                                 const HostState& host, const Policy& policy);

/// Whether the policy has this path of a host copied: it lies in one of allowed_bind_mounts.
[[nodiscard]] bool is_allowed_bind_mount(const std::string& path, const Policy& policy);

/// Why it does not move alone: others of its group run on `host`. Absent: it does.
[[nodiscard]] std::optional<Obstacle> bound_to_others(const ContainerState& container,
                                                      const HostState& host);

}  // namespace plimsoll
