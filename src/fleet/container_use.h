#pragma once

#include <functional>
#include <string>

#include "decide/fleet.h"
#include "decide/policy.h"
#include "fleet/container_history.h"
#include "fleet/fleet_data.h"

namespace plimsoll {

/// The place of the container that a series tells of.
[[nodiscard]] ContainerKey container_key(const SummarySeries& series);

/// What a container used, of its series in FleetData::containers: means over the window, and over
/// the last step of it.
void add_use(const SummarySeries& series, const Capacity& capacity, const Policy& policy,
             TimePoint now, ContainerState& container);

/// Adds to `histories` the windows that are over. A container of which only a share of its host's
/// CPU is known is told by what `capacity_of` says of that host.
void note_windows(const FleetData& data,
                  const std::function<Capacity(const std::string&)>& capacity_of,
                  const Policy& policy, TimePoint now, ContainerHistories& histories);

}  // namespace plimsoll
