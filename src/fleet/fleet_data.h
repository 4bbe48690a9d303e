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
  std::vector<SummarySeries> containers;  ///< Of the window, in steps, by container_fields.
  std::vector<SummarySeries> windows;     ///< That nobody has noted yet, in the same steps.
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

/// A store's clock and ours may differ a little; a range ends so much after its last point.
inline constexpr Duration reading_slack{1'000};

/// How long a silent host's last telemetry is looked for. Ours.
inline constexpr Duration last_seen_reach = std::chrono::hours{24};

/// How long a step of FleetData::containers is: the window holds a whole number of them, each as
/// long as sudden_span() at the least, or the whole window.
[[nodiscard]] Duration container_step(const Policy& policy);
[[nodiscard]] int steps_of_window(const Policy& policy);

/// Reads all of it: of all hosts at once, or of parts of them where the store's answer would be too
/// long. Requires: `store` and `memory` are not null and outlive the task.
[[nodiscard]] Task<Result<FleetData>> read_fleet_data(Store* store, HostList hosts, Policy policy,
                                                      TimePoint now, ReadingMemory* memory);

/// What follows from it; windows that are new are added to `histories`. No I/O.
[[nodiscard]] FleetView make_fleet_view(const FleetData& data, const HostList& hosts,
                                        const Policy& policy, TimePoint now,
                                        ContainerHistories& histories);

}  // namespace plimsoll
