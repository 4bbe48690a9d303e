#pragma once

#include <vector>

#include "core/time.h"
#include "decide/policy.h"
#include "fleet/fleet_view.h"
#include "store/store.h"

namespace plimsoll {

/// What the store says of a fleet, as it says it.
struct FleetData {
  std::vector<Series> device;             ///< In the order of device_fields.
  std::vector<SummarySeries> containers;  ///< Means over the window, by container_fields.
  std::vector<Point> device_latest;
  std::vector<Point> container_latest;
  std::vector<Point> monitor_latest;
};

/// Positions in the rows of FleetData::device.
enum class DeviceField : std::size_t {
  cpu_percent,
  vm_percent,
  storage_percent,
  pressure_cpu,
  pressure_memory,
  pressure_io,
  count,
};
/// Positions in the summaries of FleetData::containers.
enum class ContainerField : std::size_t {
  cpu_cores,
  cpu_percent,
  memory_working_set,
  memory_usage,
  count,
};

/// How long a silent host's last telemetry is looked for. Ours.
inline constexpr Duration last_seen_reach = std::chrono::hours{24};

/// Reads all of it: of all hosts at once, or of parts of them where the store's answer would be too
/// long. Requires: `store` is not null; it and `learnt` outlive the task.
[[nodiscard]] Task<Result<FleetData>> read_fleet_data(Store* store, HostList hosts, Policy policy,
                                                      TimePoint now, HostsAtOnce* learnt);

/// What follows from it. Pure.
[[nodiscard]] FleetView make_fleet_view(const FleetData& data, const HostList& hosts,
                                        const Policy& policy, TimePoint now);

}  // namespace plimsoll
