#include "fleet/fleet_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/text.h"
#include "decide/decide.h"
#include "fleet/container_use.h"
#include "fleet/fleet_data.h"
#include "fleet/point_reader.h"

namespace plimsoll {
namespace {

using Value = std::optional<double>;

template <class FieldName>
Value at(const Row& row, FieldName field) {
  const auto i = static_cast<std::size_t>(field);
  return i < row.values.size() ? row.values[i] : std::nullopt;
}

/// The worst of what is known.
Value worst(std::initializer_list<Value> values) {
  Value found;
  for (const auto& value : values) {
    if (value && (!found || *value > *found)) found = value;
  }
  return found;
}

Utilisation utilisation(const Row& row) {
  return {at(row, DeviceField::cpu_percent), at(row, DeviceField::vm_percent),
          at(row, DeviceField::storage_percent),
          worst({at(row, DeviceField::pressure_cpu), at(row, DeviceField::pressure_memory),
                 at(row, DeviceField::pressure_io)})};
}

std::optional<Bytes> as_bytes(const Value& value) {
  if (!value || !(*value >= 0)) return std::nullopt;
  return Bytes{static_cast<std::uint64_t>(*value)};
}

template <class AnySeries>
std::string series_tag(const AnySeries& series, const std::string& name) {
  const auto found = series.tags.find(name);
  return found == series.tags.end() ? std::string{} : found->second;
}

/// The store's answers by host.
struct Index {
  std::map<std::string, const Series*> device;
  std::map<std::string, const Point*> device_latest;
  std::map<std::string, const Point*> monitor_latest;
  std::map<std::string, std::vector<const Point*>> containers;
  std::map<ContainerKey, const SummarySeries*> container_series;
  const ContainerHistories& histories;

  Index(const FleetData& data, const ContainerHistories& known) : histories(known) {
    for (const auto& series : data.device) device[series_tag(series, "host")] = &series;
    newest(data.device_latest, device_latest);
    newest(data.monitor_latest, monitor_latest);
    for (const auto& point : data.container_latest) {
      containers[tag_of(point, "host")].push_back(&point);
    }
    for (const auto& series : data.containers) {
      container_series[container_key(series)] = &series;
    }
  }

  template <class Map>
  static typename Map::mapped_type find(const Map& map, const typename Map::key_type& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
  }

 private:
  static void newest(const std::vector<Point>& points, std::map<std::string, const Point*>& out) {
    for (const auto& point : points) {
      auto& kept = out[tag_of(point, "host")];
      if (kept == nullptr || kept->time < point.time) kept = &point;
    }
  }
};

Capacity capacity_of(const Point& device) {
  Capacity capacity;
  capacity.cpu_cores = number_of(device, "cpu_cores");
  capacity.memory = as_bytes(number_of(device, "memory_total"));
  const auto used = as_bytes(number_of(device, "storage_used"));
  const auto free = as_bytes(number_of(device, "storage_free"));
  if (used && free) capacity.storage = *used + *free;
  const auto docker_free = as_bytes(number_of(device, "docker_root_free"));
  capacity.storage_free = docker_free ? docker_free : free;
  return capacity;
}

ContainerState container_state(const Point& point, const Index& index, const Capacity& capacity,
                               const Policy& policy, TimePoint now) {
  ContainerState container;
  container.name = ContainerName{tag_of(point, "name")};
  const std::string tagged = tag_of(point, "id");
  container.id = tagged.empty() ? text_of(point, "short_id") : tagged;
  container.image = text_of(point, "image");
  container.image_id = text_of(point, "image_id");
  if (auto state = text_of(point, "state"); !state.empty()) container.state = std::move(state);
  container.cpu_limit_cores = number_of(point, "cpu_limit_cores");
  container.memory_limit = as_bytes(number_of(point, "memory_limit"));
  container.image_bytes = as_bytes(number_of(point, "image_bytes"));
  container.writable_bytes = as_bytes(number_of(point, "writable_bytes"));
  const ContainerKey key{tag_of(point, "host"), container.name.str(), tagged};
  if (const auto* series = Index::find(index.container_series, key)) {
    add_use(*series, capacity, policy, now, container);
  }
  if (policy.detector != Detector::spread) return container;
  container.samples = index.histories.of(key);
  const auto& lately = container.cpu_cores_lately;
  if (lately && !index.histories.is_new_height(key, *lately)) container.cpu_cores_lately.reset();
  return container;
}

ContainerRow container_row(const Point& point, const ContainerState& container) {
  ContainerRow row{container.id.substr(0, 12),
                   container.name.str(),
                   container.image,
                   text_of(point, "state"),
                   number_of(point, "cpu_percent"),
                   {}};
  if (row.state.empty()) row.state = "unknown";
  row.memory = as_bytes(number_of(point, "memory_working_set"));
  if (!row.memory) row.memory = as_bytes(number_of(point, "memory_usage"));
  return row;
}

/// Reads one host out of the answers.
class HostReader {
 public:
  HostReader(const Host& host, const Index& index, const Policy& policy, TimePoint now)
      : host_(host),
        index_(index),
        policy_(policy),
        now_(now),
        device_(Index::find(index.device_latest, host.name.str())),
        monitor_(Index::find(index.monitor_latest, host.name.str())) {}

  void read(HostState& state, HostRow& row) const {
    row.name = state.name = host_.name;
    row.address = host_.address;
    state.labels = host_.labels;
    state.up = monitor_ != nullptr && number_of(*monitor_, "up").value_or(0) > 0;
    if (const auto* series = Index::find(index_.device, host_.name.str())) {
      for (const auto& sample : series->rows) {
        state.samples.push_back({sample.time, utilisation(sample)});
      }
    }
    if (device_ != nullptr) read_device(state, row);
    row.last_seen = state.last_seen;
    row.up = state.up && fresh(monitor_) && fresh(device_);
    if (row.up && device_ != nullptr) row.latest = latest();
    if (!row.up) row.error = why_not_up(state);
    if (!row.up) row.error_class = class_of_error();
    if (!row.up) silence(row.containers);
    if (row.up) read_clock(row);
  }

 private:
  void read_device(HostState& state, HostRow& row) const {
    state.last_seen = device_->time;
    state.architecture = text_of(*device_, "architecture");
    state.capacity = capacity_of(*device_);
    const auto found = index_.containers.find(host_.name.str());
    if (found == index_.containers.end()) return;
    for (const auto* point : found->second) {
      // A container that the newest telemetry does not name is gone.
      if (point->time < device_->time) continue;
      state.containers.push_back(container_state(*point, index_, state.capacity, policy_, now_));
      row.containers.push_back(container_row(*point, state.containers.back()));
    }
  }

  [[nodiscard]] Utilisation latest() const {
    const auto pressure = [&](const char* name) { return number_of(*device_, name); };
    return {number_of(*device_, "cpu_percent"), number_of(*device_, "vm_percent"),
            number_of(*device_, "storage_percent"),
            worst({pressure("pressure_cpu_some_avg10"), pressure("pressure_memory_some_avg10"),
                   pressure("pressure_io_some_avg10")})};
  }

  [[nodiscard]] bool fresh(const Point* point) const {
    return point != nullptr && now_ - point->time <= stale_limit(policy_);
  }

  [[nodiscard]] std::string why_not_up(const HostState& state) const {
    const std::string seen = state.last_seen ? "last seen " + format_rfc3339(*state.last_seen)
                                             : std::string{"never seen"};
    if (monitor_ == nullptr) return "not polled yet: is plimsoll monitor running?";
    if (!fresh(monitor_)) {
      return "not polled for " + format_duration(Duration{now_ - monitor_->time}) +
             ": is plimsoll monitor running? " + seen;
    }
    std::string what = text_of(*monitor_, "error");
    if (what.empty()) what = text_of(*monitor_, "error_class");
    if (what.empty()) what = "no telemetry";
    return what + "; " + seen;
  }

  void read_clock(HostRow& row) const {
    constexpr double warn_s = 0.5;
    row.clock_skew_s = number_of(*monitor_, "clock_skew_s");
    if (!row.clock_skew_s) return;
    const double unsure = number_of(*monitor_, "clock_skew_uncertainty_s").value_or(0);
    row.clock_off = std::abs(*row.clock_skew_s) - unsure > warn_s;
  }

  [[nodiscard]] std::string class_of_error() const {
    if (!fresh(monitor_)) return "not_polled";
    const std::string said = text_of(*monitor_, "error_class");
    return said.empty() ? "no_telemetry" : said;
  }

  /// What they used when last seen says nothing about now.
  static void silence(std::vector<ContainerRow>& containers) {
    for (auto& container : containers) {
      container.state = "unknown";
      container.cpu_percent.reset();
      container.memory.reset();
    }
  }

  const Host& host_;
  const Index& index_;
  const Policy& policy_;
  TimePoint now_;
  const Point* device_;
  const Point* monitor_;
};

Task<Result<FleetView>> read_view(Store* store, HostList hosts, Policy policy, TimePoint now,
                                  ReadingMemory* memory) {
  ReadingMemory forgotten;
  if (memory == nullptr) memory = &forgotten;
  const auto data = co_await read_fleet_data(store, hosts, policy, now, memory);
  if (!data) co_return data.error();
  co_return make_fleet_view(*data, hosts, policy, now, memory->histories);
}

Task<Result<FleetSnapshot>> read_snapshot(Store* store, HostList hosts, Policy policy,
                                          TimePoint now, ReadingMemory* memory) {
  auto view = co_await read_view(store, std::move(hosts), std::move(policy), now, memory);
  if (!view) co_return view.error();
  co_return std::move(view->snapshot);
}

}  // namespace

FleetView make_fleet_view(const FleetData& data, const HostList& hosts, const Policy& policy,
                          TimePoint now, ContainerHistories& histories) {
  const Index index{data, histories};
  const auto capacity = [&](const std::string& host) {
    const Point* device = Index::find(index.device_latest, host);
    return device == nullptr ? Capacity{} : capacity_of(*device);
  };
  note_windows(data, capacity, policy, now, histories);
  FleetView view;
  view.time = now;
  view.policy = policy;
  for (const auto& host : hosts) {
    auto& state = view.snapshot.hosts.emplace_back();
    auto& row = view.rows.emplace_back();
    HostReader{host, index, policy, now}.read(state, row);
    std::sort(row.containers.begin(), row.containers.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }
  std::map<std::string, HostAssessment> assessed;
  for (auto& one : assess(view.snapshot, policy, now)) assessed[one.host.str()] = std::move(one);
  for (auto& row : view.rows) row.assessed = assessed[row.name.str()];
  return view;
}

Task<Result<FleetSnapshot>> read_fleet(Store& store, const HostList& hosts, const Policy& policy,
                                       TimePoint now, ReadingMemory* memory) {
  return read_snapshot(&store, hosts, policy, now, memory);
}

Task<Result<FleetView>> read_fleet_view(Store& store, const HostList& hosts, const Policy& policy,
                                        TimePoint now, ReadingMemory* memory) {
  return read_view(&store, hosts, policy, now, memory);
}

}  // namespace plimsoll
