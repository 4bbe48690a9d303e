#include "fleet/fleet_data.h"

#include <algorithm>
#include <map>

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

/// What each series says last, of points in ascending order.
std::vector<Point> last_of_each(std::vector<Point> points) {
  std::map<decltype(Point::tags), Point> last;
  for (auto& point : points) {
    auto tags = point.tags;
    last.insert_or_assign(std::move(tags), std::move(point));
  }
  std::vector<Point> found;
  for (auto& [tags, point] : last) found.push_back(std::move(point));
  return found;
}

/// What is read of one measurement, as it was at `now`.
struct LatestAt {
  TimePoint now;
  Duration tolerance;  ///< So far ahead another machine's clock may be.
  Duration recent;     ///< So far back points of the past are looked for.
};

/// Store::latest knows no end: where it tells of later times a moment of the past is wanted, and
/// its points are looked for one by one.
Task<Result<void>> read_latest(Store* store, LatestQuery query, LatestAt at,
                               std::vector<Point>* out) {
  const std::string measurement = query.measurement;
  auto points = co_await store->latest(std::move(query));
  if (!points) co_return points.error();
  const auto is_later = [&](const Point& point) { return point.time > at.now + at.tolerance; };
  if (std::ranges::any_of(*points, is_later)) {
    PointsQuery past{measurement, {}, at.now - at.recent, at.now + slack};
    points = co_await store->points(std::move(past));
    if (!points) co_return points.error();
    *points = last_of_each(std::move(*points));
  }
  *out = std::move(*points);
  co_return Result<void>{};
}

}  // namespace

Task<Result<FleetData>> read_fleet_data(Store* store, Policy policy, TimePoint now) {
  FleetData data;
  auto ranges = co_await read_ranges(store, policy, now, &data);
  if (!ranges) co_return ranges.error();
  const TimePoint long_ago = now - last_seen_reach;
  const LatestAt at{now, policy.sample_every, history_needed(policy)};
  LatestQuery device{"Device", {}, long_ago};
  auto devices = co_await read_latest(store, std::move(device), at, &data.device_latest);
  if (!devices) co_return devices.error();
  LatestQuery monitor{"Monitor", {}, long_ago};
  auto monitors = co_await read_latest(store, std::move(monitor), at, &data.monitor_latest);
  if (!monitors) co_return monitors.error();
  // Older ones say nothing about now: a host whose telemetry is as old counts as silent.
  const LatestAt fresh{now, policy.sample_every, stale_limit(policy)};
  LatestQuery container{"Container", {}, now - history_needed(policy)};
  auto containers =
      co_await read_latest(store, std::move(container), fresh, &data.container_latest);
  if (!containers) co_return containers.error();
  co_return data;
}

}  // namespace plimsoll
