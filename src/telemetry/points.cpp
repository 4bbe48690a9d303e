#include "telemetry/points.h"

#include <algorithm>
#include <limits>

#include "telemetry/derived.h"

namespace plimsoll {
namespace {

/// Adds fields; what is absent is left out.
class FieldList {
 public:
  explicit FieldList(std::vector<Field>& fields) : fields_(fields) {}

  void add(std::string name, double value) { fields_.emplace_back(std::move(name), value); }
  void add(std::string name, std::uint64_t value) {
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    fields_.emplace_back(std::move(name), static_cast<std::int64_t>(std::min(value, largest)));
  }
  void add(std::string name, const std::string& text) {
    if (!text.empty()) fields_.emplace_back(std::move(name), text);
  }
  template <class T>
  void add(std::string name, const std::optional<T>& value) {
    if (value) add(std::move(name), *value);
  }

 private:
  std::vector<Field>& fields_;
};

void add_pressure(FieldList& fields, const std::string& resource,
                  const std::optional<Pressure>& pressure) {
  if (!pressure) return;
  const std::string prefix = "pressure_" + resource;
  fields.add(prefix + "_some_avg10", pressure->some.avg10);
  fields.add(prefix + "_some_avg60", pressure->some.avg60);
  if (!pressure->full) return;
  fields.add(prefix + "_full_avg10", pressure->full->avg10);
  fields.add(prefix + "_full_avg60", pressure->full->avg60);
}

void add_pressures(FieldList& fields, const PressureSet& set) {
  add_pressure(fields, "cpu", set.cpu);
  add_pressure(fields, "memory", set.memory);
  add_pressure(fields, "io", set.io);
}

void add_cpu(FieldList& fields, const CpuReading& cpu) {
  fields.add("cpu_percent", cpu.percent);
  if (cpu.cores > 0) {
    const double used = cpu.cores * cpu.percent / 100.0;
    fields.add("cpu_used", used);
    fields.add("cpu_free", std::max(0.0, cpu.cores - used));
    fields.add("cpu_cores", cpu.cores);
  }
  fields.add("load1", cpu.load1);
  fields.add("load5", cpu.load5);
  fields.add("load15", cpu.load15);
  if (!cpu.modes) return;
  fields.add("cpu_iowait_percent", cpu.modes->iowait);
  fields.add("cpu_steal_percent", cpu.modes->steal);
}

void add_memory(FieldList& fields, const HostReading& reading) {
  const auto used = memory_used(reading);
  if (!used) return;
  fields.add("vm_used", *used);
  fields.add("vm_free", reading.memory.available);
  fields.add("vm_percent", memory_percent(reading));
  fields.add("memory_total", reading.memory.total);
  fields.add("memory_available", reading.memory.available);
  fields.add("memory_cache", reading.memory.cache);
  fields.add("swap_total", reading.memory.swap_total);
  fields.add("swap_used", reading.memory.swap_used);
}

void add_storage(FieldList& fields, const HostReading& reading) {
  if (const auto* root = root_filesystem(reading)) {
    fields.add("storage_used", root->used);
    fields.add("storage_free", root->available);
    fields.add("storage_percent", used_percent(*root));
  }
  fields.add("docker_root_free", reading.facts.docker_root_free_bytes);
}

void add_disks(FieldList& fields, const std::vector<DiskReading>& disks) {
  if (disks.empty()) return;
  DiskReading sum;
  for (const auto& disk : disks) {
    sum.read_bytes_per_s += disk.read_bytes_per_s;
    sum.write_bytes_per_s += disk.write_bytes_per_s;
    sum.reads_per_s += disk.reads_per_s;
    sum.writes_per_s += disk.writes_per_s;
    sum.busy_percent = std::max(sum.busy_percent, disk.busy_percent);
  }
  fields.add("disk_read_bytes_per_s", sum.read_bytes_per_s);
  fields.add("disk_write_bytes_per_s", sum.write_bytes_per_s);
  fields.add("disk_reads_per_s", sum.reads_per_s);
  fields.add("disk_writes_per_s", sum.writes_per_s);
  fields.add("disk_busy_percent", sum.busy_percent);
}

void add_network(FieldList& fields, const HostReading& reading) {
  fields.add("network_drop", reading.tx_dropped);
  if (reading.nics.empty()) return;
  double rx = 0;
  double tx = 0;
  for (const auto& nic : reading.nics) {
    rx += nic.rx_bytes_per_s;
    tx += nic.tx_bytes_per_s;
  }
  fields.add("network_rx_bytes_per_s", rx);
  fields.add("network_tx_bytes_per_s", tx);
}

void add_facts(FieldList& fields, const HostReading& reading) {
  fields.add("agent_version", reading.agent_version);
  fields.add("boot_id", reading.boot_id);
  fields.add("architecture", reading.facts.architecture);
  fields.add("kernel", reading.facts.kernel);
  fields.add("docker_version", reading.facts.docker_version);
  fields.add("storage_driver", reading.facts.storage_driver);
  fields.add("containers", std::uint64_t{reading.containers.size()});
}

Point device_point(const HostId& host, const HostReading& reading, TimePoint at) {
  Point point{"Device", {{"host", host.str()}}, {}, at};
  point.fields.reserve(48);
  FieldList fields{point.fields};
  add_cpu(fields, reading.cpu);
  add_memory(fields, reading);
  add_storage(fields, reading);
  add_network(fields, reading);
  add_disks(fields, reading.disks);
  add_pressures(fields, reading.pressure);
  add_facts(fields, reading);
  return point;
}

void add_legacy(FieldList& fields, const HostReading& host, const ContainerReading& container) {
  fields.add("cpu_percent", container.cpu_percent);
  fields.add("cpu_usage", container.cpu_ns);
  fields.add("mem_percent", memory_percent(host, container));
  fields.add("memory_usage", container.memory_usage);
  if (const auto bytes = network_bytes(container)) {
    fields.add("nw_percent", legacy_network_percent(*bytes));
    fields.add("nw_usage", *bytes);
  }
}

void add_ours(FieldList& fields, const ContainerReading& container) {
  fields.add("image", container.image);
  fields.add("image_id", container.image_id);
  fields.add("state", container.state);
  fields.add("health", container.health);
  fields.add("restarts", container.restarts);
  fields.add("short_id", short_id(container));
  fields.add("cpu_cores", container.cpu_cores);
  fields.add("cpu_limit_cores", container.cpu_limit_cores);
  fields.add("throttled_percent", container.throttled_percent);
  fields.add("memory_working_set", container.memory_working_set);
  fields.add("memory_cache", container.memory_cache);
  fields.add("memory_limit", container.memory_limit);
  add_pressures(fields, container.pressure);
  fields.add("network_rx_bytes_per_s", container.network_rx_bytes_per_s);
  fields.add("network_tx_bytes_per_s", container.network_tx_bytes_per_s);
  fields.add("block_read_bytes_per_s", container.block_read_bytes_per_s);
  fields.add("block_write_bytes_per_s", container.block_write_bytes_per_s);
  fields.add("image_bytes", container.image_bytes);
  fields.add("writable_bytes", container.writable_bytes);
}

Point container_point(const HostId& host, const HostReading& reading,
                      const ContainerReading& container, TimePoint at, bool id_tag) {
  Point point{"Container", {{"host", host.str()}}, {}, at};
  point.fields.reserve(32);
  FieldList fields{point.fields};
  const std::string id = short_id(container);
  if (id_tag) {
    point.tags.emplace_back("id", id);
  } else {
    fields.add("id", id);
  }
  // A recorded sample of the predecessor has no names; its containers stay apart by their ids.
  point.tags.emplace_back("name", container.name.empty() ? id : container.name);
  add_legacy(fields, reading, container);
  add_ours(fields, container);
  return point;
}

}  // namespace

std::vector<Point> points_of(const HostId& host, const HostReading& reading, TimePoint at,
                             bool container_id_tag) {
  std::vector<Point> points;
  points.reserve(reading.containers.size() + 1);
  points.push_back(device_point(host, reading, at));
  for (const auto& container : reading.containers) {
    points.push_back(container_point(host, reading, container, at, container_id_tag));
  }
  return points;
}

Point monitor_point(const HostId& host, TimePoint at, bool up, Duration took, std::uint64_t bytes,
                    std::string_view error_class) {
  Point point{"Monitor", {{"host", host.str()}}, {}, at};
  point.fields.emplace_back("up", up);
  FieldList fields{point.fields};
  fields.add("duration_s", seconds(took));
  fields.add("bytes", bytes);
  fields.add("error_class", std::string{error_class});
  return point;
}

}  // namespace plimsoll
