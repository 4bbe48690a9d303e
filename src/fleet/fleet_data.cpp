#include "fleet/fleet_data.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "fleet/host_parts.h"

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

/// What fleet_view.cpp reads of the latest points.
std::vector<std::string> latest_device_fields() {
  auto fields = device_fields();
  fields.insert(fields.end(), {"architecture", "cpu_cores", "docker_root_free", "memory_total",
                               "storage_free", "storage_used"});
  return fields;
}
std::vector<std::string> latest_container_fields() {
  return {"cpu_limit_cores", "cpu_percent",  "image",         "image_bytes",
          "image_id",        "memory_limit", "memory_usage",  "memory_working_set",
          "short_id",        "state",        "writable_bytes"};
}
std::vector<std::string> latest_monitor_fields() {
  return {"clock_skew_s", "clock_skew_uncertainty_s", "error", "error_class", "up"};
}

std::vector<std::string> names_of(const HostList& hosts) {
  std::vector<std::string> names;
  names.reserve(hosts.size());
  for (const auto& host : hosts) names.push_back(host.name.str());
  std::ranges::sort(names);
  return names;
}

/// Puts what `ask(query)` gives to `out`: of all hosts at once, or of parts of them where the store
/// says that this is too much; `most` remembers so.
template <class Query, class Ask, class Answer>
Task<Result<void>> read_by_hosts(Query query, std::vector<std::string> names, Ask ask,
                                 std::size_t* most, std::vector<Answer>* out) {
  HostParts parts{std::move(names), *most};
  while (auto part = parts.next()) {
    query.hosts = std::move(*part);
    auto asked = ask(query);
    auto answer = co_await std::move(asked);
    if (!answer) {
      if (answer.error().code != Errc::too_large || !parts.halve()) co_return answer.error();
      continue;
    }
    std::ranges::move(*answer, std::back_inserter(*out));
  }
  *most = parts.most();
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
Task<Result<std::vector<Point>>> read_latest(Store* store, LatestQuery query, LatestAt at) {
  auto points = co_await store->latest(query);
  if (!points) co_return points.error();
  const auto is_later = [&](const Point& point) { return point.time > at.now + at.tolerance; };
  if (std::ranges::any_of(*points, is_later)) {
    PointsQuery past{
        query.measurement, {}, at.now - at.recent, at.now + reading_slack, query.hosts};
    points = co_await store->points(std::move(past));
    if (!points) co_return points.error();
    *points = last_of_each(std::move(*points));
  }
  co_return points;
}

/// One reading of the store.
class Reading {
 public:
  Reading(Store* store, const HostList& hosts, const Policy& policy, TimePoint now,
          HostsAtOnce* learnt)
      : store_(store), names_(names_of(hosts)), policy_(policy), now_(now), learnt_(learnt) {}

  [[nodiscard]] Task<Result<void>> devices(std::vector<Series>* out);
  [[nodiscard]] Task<Result<void>> containers(std::vector<SummarySeries>* out);
  /// Windows of the past, one row each.
  [[nodiscard]] Task<Result<void>> windows(ContainerHistories::Missing missing,
                                           std::vector<SummarySeries>* out);
  /// The newest points since some time; of a moment of the past, those of the last `recent`.
  [[nodiscard]] Task<Result<void>> latest(LatestQuery query, Duration recent,
                                          std::vector<Point>* out);

 private:
  Store* store_;
  std::vector<std::string> names_;
  const Policy& policy_;
  TimePoint now_;
  HostsAtOnce* learnt_;
};

Task<Result<void>> Reading::devices(std::vector<Series>* out) {
  RangeQuery query{
      "Device", device_fields(), {}, now_ - history_needed(policy_), now_ + reading_slack};
  const auto ask = [store = store_](const RangeQuery& part) { return store->range(part); };
  return read_by_hosts(std::move(query), names_, ask, &learnt_->device_rows, out);
}

Task<Result<void>> Reading::containers(std::vector<SummarySeries>* out) {
  AggregateQuery query;
  query.measurement = "Container";
  query.fields = container_fields();
  query.step = container_step(policy_);
  query.to = now_ + reading_slack;
  query.from = query.to - steps_of_window(policy_) * query.step;
  query.means_only = true;
  const auto ask = [store = store_](const AggregateQuery& part) { return store->aggregate(part); };
  return read_by_hosts(std::move(query), names_, ask, &learnt_->container_means, out);
}

Task<Result<void>> Reading::windows(ContainerHistories::Missing missing,
                                    std::vector<SummarySeries>* out) {
  AggregateQuery query;
  query.measurement = "Container";
  query.fields = container_fields();
  query.step = container_step(policy_);
  query.to = missing.to + reading_slack;
  query.from = query.to - missing.windows * steps_of_window(policy_) * query.step;
  query.means_only = true;
  const auto ask = [store = store_](const AggregateQuery& part) { return store->aggregate(part); };
  return read_by_hosts(std::move(query), names_, ask, &learnt_->container_windows, out);
}

Task<Result<void>> Reading::latest(LatestQuery query, Duration recent, std::vector<Point>* out) {
  std::size_t* most = &learnt_->latest[query.measurement];
  const LatestAt at{now_, policy_.sample_every, recent};
  const auto ask = [store = store_, at](const LatestQuery& part) {
    return read_latest(store, part, at);
  };
  return read_by_hosts(std::move(query), names_, ask, most, out);
}

}  // namespace

int steps_of_window(const Policy& policy) {
  return static_cast<int>(std::max<Duration::rep>(1, policy.window / sudden_span(policy)));
}

Duration container_step(const Policy& policy) {
  return std::max(policy.window / steps_of_window(policy), Duration{1});
}

Task<Result<FleetData>> read_fleet_data(Store* store, HostList hosts, Policy policy, TimePoint now,
                                        ReadingMemory* memory) {
  Reading reading{store, hosts, policy, now, &memory->at_once};
  FleetData data;
  auto done = co_await reading.devices(&data.device);
  if (!done) co_return done.error();
  done = co_await reading.containers(&data.containers);
  if (!done) co_return done.error();
  const auto missing =
      policy.detector == Detector::spread ? memory->histories.missing(policy, now) : std::nullopt;
  if (missing) {
    done = co_await reading.windows(*missing, &data.windows);
    if (!done) co_return done.error();
  }
  const TimePoint long_ago = now - last_seen_reach;
  const Duration history = history_needed(policy);
  LatestQuery device{"Device", {}, long_ago, latest_device_fields()};
  done = co_await reading.latest(std::move(device), history, &data.device_latest);
  if (!done) co_return done.error();
  LatestQuery monitor{"Monitor", {}, long_ago, latest_monitor_fields()};
  done = co_await reading.latest(std::move(monitor), history, &data.monitor_latest);
  if (!done) co_return done.error();
  // Older ones say nothing about now: a host whose telemetry is as old counts as silent.
  LatestQuery container{"Container", {}, now - history, latest_container_fields()};
  done = co_await reading.latest(std::move(container), stale_limit(policy), &data.container_latest);
  if (!done) co_return done.error();
  co_return data;
}

}  // namespace plimsoll
