#pragma once

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
/// and its labels; none: it is movable.
[[nodiscard]] std::vector<Obstacle> obstacles_of(const ContainerState& container,
                                                 const HostState& host, const Policy& policy);

}  // namespace plimsoll
