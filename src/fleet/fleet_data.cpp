#include "fleet/fleet_data.h"

namespace plimsoll {
namespace {

/// In the order of DeviceField and ContainerField.
std::vector<std::string> device_fields() {
  return {"cpu_percent",
          "vm_percent",
          "storage_percent",
          "pressure_cpu_some_avg10",
          "pressure_memory_some_avg10",
          "pressure_io_some_avg10"};
}
std::vector<std::string> container_fields() {
  return {"cpu_cores", "cpu_percent", "memory_working_set", "memory_usage"};
}

// A store's clock and ours may differ a little; a range ends after its last point.
constexpr Duration slack{1'000};

Task<Result<void>> read_ranges(Store* store, Policy policy, TimePoint now, FleetData* data) {
  RangeQuery device{"Device", device_fields(), {}, now - history_needed(policy), now + slack};
  auto devices = co_await store->range(std::move(device));
  if (!devices) co_return devices.error();
  data->device = std::move(*devices);
  RangeQuery container{"Container", container_fields(), {}, now - policy.window, now + slack};
  auto containers = co_await store->range(std::move(container));
  if (!containers) co_return containers.error();
  data->containers = std::move(*containers);
  co_return Result<void>{};
}

Task<Result<void>> read_latest(Store* store, std::string measurement, TimePoint since,
                               std::vector<Point>* out) {
  LatestQuery query{std::move(measurement), {}, since};
  auto points = co_await store->latest(std::move(query));
  if (!points) co_return points.error();
  *out = std::move(*points);
  co_return Result<void>{};
}

}  // namespace

Task<Result<FleetData>> read_fleet_data(Store* store, Policy policy, TimePoint now) {
  FleetData data;
  auto ranges = co_await read_ranges(store, policy, now, &data);
  if (!ranges) co_return ranges.error();
  const TimePoint long_ago = now - last_seen_reach;
  auto devices = co_await read_latest(store, "Device", long_ago, &data.device_latest);
  if (!devices) co_return devices.error();
  auto monitors = co_await read_latest(store, "Monitor", long_ago, &data.monitor_latest);
  if (!monitors) co_return monitors.error();
  const TimePoint recent = now - history_needed(policy);
  auto containers = co_await read_latest(store, "Container", recent, &data.container_latest);
  if (!containers) co_return containers.error();
  co_return data;
}

}  // namespace plimsoll
