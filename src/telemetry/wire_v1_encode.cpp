#include "core/json_writer.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

template <class T>
void put(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
  if (value) json.field(name, *value);
}

void put(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.field(name, text);
}

void put(JsonWriter& json, std::string_view name, const PressureLine& line) {
  json.key(name).begin_object();
  json.field("avg10", line.avg10).field("avg60", line.avg60).field("avg300", line.avg300);
  json.end_object();
}

void put(JsonWriter& json, std::string_view name, const std::optional<Pressure>& pressure) {
  if (!pressure) return;
  json.key(name).begin_object();
  put(json, "some", pressure->some);
  if (pressure->full) put(json, "full", *pressure->full);
  json.end_object();
}

void put(JsonWriter& json, const PressureSet& set) {
  if (set == PressureSet{}) return;
  json.key("pressure").begin_object();
  put(json, "cpu", set.cpu);
  put(json, "memory", set.memory);
  put(json, "io", set.io);
  json.end_object();
}

void put(JsonWriter& json, const CpuReading& cpu) {
  json.key("cpu").begin_object();
  json.field("cores", cpu.cores).field("percent", cpu.percent);
  if (const auto& modes = cpu.modes) {
    json.key("modes").begin_object();
    json.field("user", modes->user).field("nice", modes->nice).field("system", modes->system);
    json.field("idle", modes->idle).field("iowait", modes->iowait).field("irq", modes->irq);
    json.field("softirq", modes->softirq).field("steal", modes->steal);
    json.end_object();
  }
  put(json, "load1", cpu.load1);
  put(json, "load5", cpu.load5);
  put(json, "load15", cpu.load15);
  json.end_object();
}

void put(JsonWriter& json, const MemoryReading& memory) {
  json.key("memory").begin_object();
  json.field("total", memory.total).field("available", memory.available);
  put(json, "cache", memory.cache);
  put(json, "swap_total", memory.swap_total);
  put(json, "swap_used", memory.swap_used);
  json.end_object();
}

void put(JsonWriter& json, const FilesystemReading& filesystem) {
  json.begin_object().field("mount", filesystem.mount);
  put(json, "device", filesystem.device);
  put(json, "type", filesystem.type);
  json.field("total", filesystem.total).field("used", filesystem.used);
  json.field("available", filesystem.available);
  put(json, "files", filesystem.files);
  put(json, "files_free", filesystem.files_free);
  json.end_object();
}

void put(JsonWriter& json, const DiskReading& disk) {
  json.begin_object().field("device", disk.device);
  json.field("read_bytes_per_s", disk.read_bytes_per_s);
  json.field("write_bytes_per_s", disk.write_bytes_per_s);
  json.field("reads_per_s", disk.reads_per_s).field("writes_per_s", disk.writes_per_s);
  json.field("busy_percent", disk.busy_percent).end_object();
}

void put(JsonWriter& json, const NicReading& nic) {
  json.begin_object().field("name", nic.name);
  json.field("rx_bytes_per_s", nic.rx_bytes_per_s).field("tx_bytes_per_s", nic.tx_bytes_per_s);
  json.field("rx_bytes", nic.rx_bytes).field("tx_bytes", nic.tx_bytes);
  json.field("rx_dropped", nic.rx_dropped).field("tx_dropped", nic.tx_dropped).end_object();
}

void put(JsonWriter& json, const MachineFacts& facts) {
  json.key("facts").begin_object();
  put(json, "hostname", facts.hostname);
  put(json, "architecture", facts.architecture);
  put(json, "kernel", facts.kernel);
  put(json, "docker_version", facts.docker_version);
  put(json, "storage_driver", facts.storage_driver);
  put(json, "cgroup_version", facts.cgroup_version);
  put(json, "docker_root_free_bytes", facts.docker_root_free_bytes);
  json.end_object();
}

void put(JsonWriter& json, const MountReading& mount) {
  json.begin_object().field("type", mount.type);
  put(json, "name", mount.name);
  put(json, "source", mount.source);
  json.field("destination", mount.destination).field("writable", mount.writable).end_object();
}

void put_usage(JsonWriter& json, const ContainerReading& container) {
  put(json, "cpu_cores", container.cpu_cores);
  put(json, "cpu_percent", container.cpu_percent);
  put(json, "cpu_ns", container.cpu_ns);
  put(json, "cpu_limit_cores", container.cpu_limit_cores);
  put(json, "throttled_percent", container.throttled_percent);
  put(json, "memory_usage", container.memory_usage);
  put(json, "memory_working_set", container.memory_working_set);
  put(json, "memory_cache", container.memory_cache);
  put(json, "memory_limit", container.memory_limit);
  put(json, container.pressure);
  put(json, "network_rx_bytes", container.network_rx_bytes);
  put(json, "network_tx_bytes", container.network_tx_bytes);
  put(json, "network_rx_bytes_per_s", container.network_rx_bytes_per_s);
  put(json, "network_tx_bytes_per_s", container.network_tx_bytes_per_s);
  put(json, "block_read_bytes_per_s", container.block_read_bytes_per_s);
  put(json, "block_write_bytes_per_s", container.block_write_bytes_per_s);
  put(json, "image_bytes", container.image_bytes);
  put(json, "writable_bytes", container.writable_bytes);
}

void put_mounts(JsonWriter& json, const std::vector<MountReading>& mounts) {
  if (mounts.empty()) return;
  json.key("mounts").begin_array();
  for (const auto& mount : mounts) put(json, mount);
  json.end_array();
}

void put(JsonWriter& json, const ContainerReading& container) {
  json.begin_object().field("id", container.id);
  put(json, "name", container.name);
  put(json, "image", container.image);
  put(json, "image_id", container.image_id);
  put(json, "state", container.state);
  put(json, "health", container.health);
  put(json, "restarts", container.restarts);
  if (container.started_at) json.field("started_at", format_rfc3339(*container.started_at));
  if (!container.labels.empty()) {
    json.key("labels").begin_object();
    for (const auto& [name, value] : container.labels) json.field(name, value);
    json.end_object();
  }
  put_mounts(json, container.mounts);
  put_usage(json, container);
  json.end_object();
}

template <class T>
void put(JsonWriter& json, std::string_view name, const std::vector<T>& list) {
  json.key(name).begin_array();
  for (const T& element : list) put(json, element);
  json.end_array();
}

}  // namespace

std::string encode_v1(const HostReading& reading) {
  JsonWriter json;
  json.begin_object().field("version", 1);
  put(json, "agent_version", reading.agent_version);
  put(json, "boot_id", reading.boot_id);
  put(json, "address", reading.address);
  json.field("sampled_at", format_rfc3339(reading.sampled_at));
  json.field("interval_s", seconds(reading.interval));
  put(json, reading.cpu);
  put(json, reading.memory);
  put(json, reading.pressure);
  put(json, "filesystems", reading.filesystems);
  put(json, "disks", reading.disks);
  put(json, "nics", reading.nics);
  put(json, "tx_dropped", reading.tx_dropped);
  put(json, reading.facts);
  put(json, "containers", reading.containers);
  json.key("warnings").begin_array();
  for (const auto& warning : reading.warnings) json.value(warning);
  json.end_array().end_object();
  return json.take();
}

}  // namespace plimsoll
