#include <cmath>

#include "telemetry/json_reader.h"
#include "telemetry/reading_check.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

/// Bounds that no real host reaches; what passes them is a mistake somewhere and would spoil every
/// average it goes into. Chosen by us.
constexpr double percent_max = 100;
constexpr double cores_max = 65'536;
/// Of the host's cores; a slice's containers may use more than its quota for a moment.
constexpr double container_percent_max = 1'000;
constexpr double rate_max = 1e15;
constexpr double interval_s_max = 86'400;
constexpr std::size_t devices_max = 4'096;
constexpr std::size_t labels_max = 256;
constexpr std::size_t warnings_max = 100;
constexpr std::size_t mounts_max = 1'000;

void read_line(JsonFields fields, PressureLine& out) {
  fields.required("avg10", out.avg10, percent_max);
  fields.required("avg60", out.avg60, percent_max);
  fields.required("avg300", out.avg300, percent_max);
}

void read_pressure(JsonFields fields, std::optional<Pressure>& out) {
  auto& pressure = out.emplace();
  const bool some = fields.object("some", [&](JsonFields line) { read_line(line, pressure.some); });
  if (!some) fields.fail("some", "is missing");
  fields.object("full", [&](JsonFields line) { read_line(line, pressure.full.emplace()); });
}

void read_pressures(JsonFields& parent, PressureSet& out) {
  parent.object("pressure", [&](JsonFields fields) {
    fields.object("cpu", [&](JsonFields inner) { read_pressure(inner, out.cpu); });
    fields.object("memory", [&](JsonFields inner) { read_pressure(inner, out.memory); });
    fields.object("io", [&](JsonFields inner) { read_pressure(inner, out.io); });
  });
}

void read_modes(JsonFields fields, CpuModes& out) {
  fields.required("user", out.user, percent_max);
  fields.required("nice", out.nice, percent_max);
  fields.required("system", out.system, percent_max);
  fields.required("idle", out.idle, percent_max);
  fields.required("iowait", out.iowait, percent_max);
  fields.required("irq", out.irq, percent_max);
  fields.required("softirq", out.softirq, percent_max);
  fields.required("steal", out.steal, percent_max);
}

void read_cpu(JsonFields fields, CpuReading& out) {
  fields.required("cores", out.cores, cores_max);
  fields.required("percent", out.percent, percent_max);
  fields.object("modes", [&](JsonFields modes) { read_modes(modes, out.modes.emplace()); });
  fields.optional("load1", out.load1);
  fields.optional("load5", out.load5);
  fields.optional("load15", out.load15);
}

void read_memory(JsonFields fields, MemoryReading& out) {
  fields.required("total", out.total);
  fields.required("available", out.available);
  if (out.available > out.total) fields.fail("available", "is more than the total", Errc::invalid);
  fields.optional("cache", out.cache);
  fields.optional("swap_total", out.swap_total);
  fields.optional("swap_used", out.swap_used);
}

void read_filesystem(JsonFields fields, FilesystemReading& out) {
  fields.required("mount", out.mount);
  fields.optional("device", out.device);
  fields.optional("type", out.type);
  fields.required("total", out.total);
  fields.required("used", out.used);
  fields.required("available", out.available);
  fields.optional("files", out.files);
  fields.optional("files_free", out.files_free);
  if (out.used > out.total) fields.fail("used", "is more than the total", Errc::invalid);
  if (out.available > out.total) fields.fail("available", "is more than the total", Errc::invalid);
}

void read_disk(JsonFields fields, DiskReading& out) {
  fields.required("device", out.device);
  fields.required("read_bytes_per_s", out.read_bytes_per_s, rate_max);
  fields.required("write_bytes_per_s", out.write_bytes_per_s, rate_max);
  fields.required("reads_per_s", out.reads_per_s, rate_max);
  fields.required("writes_per_s", out.writes_per_s, rate_max);
  fields.required("busy_percent", out.busy_percent, percent_max);
}

void read_nic(JsonFields fields, NicReading& out) {
  fields.required("name", out.name);
  fields.required("rx_bytes_per_s", out.rx_bytes_per_s, rate_max);
  fields.required("tx_bytes_per_s", out.tx_bytes_per_s, rate_max);
  fields.required("rx_bytes", out.rx_bytes);
  fields.required("tx_bytes", out.tx_bytes);
  fields.required("rx_dropped", out.rx_dropped);
  fields.required("tx_dropped", out.tx_dropped);
}

void read_facts(JsonFields fields, MachineFacts& out) {
  fields.optional("hostname", out.hostname);
  fields.optional("architecture", out.architecture);
  fields.optional("kernel", out.kernel);
  fields.optional("docker_version", out.docker_version);
  fields.optional("storage_driver", out.storage_driver);
  fields.optional("cgroup_version", out.cgroup_version, 2);
  fields.optional("docker_root_free_bytes", out.docker_root_free_bytes);
}

void read_container_use(JsonFields& fields, ContainerReading& out) {
  fields.optional("cpu_cores", out.cpu_cores, cores_max);
  fields.optional("cpu_percent", out.cpu_percent, container_percent_max);
  fields.optional("cpu_ns", out.cpu_ns);
  fields.optional("cpu_limit_cores", out.cpu_limit_cores, cores_max);
  fields.optional("throttled_percent", out.throttled_percent, percent_max);
  fields.optional("memory_usage", out.memory_usage);
  fields.optional("memory_working_set", out.memory_working_set);
  fields.optional("memory_cache", out.memory_cache);
  fields.optional("memory_limit", out.memory_limit);
  read_pressures(fields, out.pressure);
  fields.optional("network_rx_bytes", out.network_rx_bytes);
  fields.optional("network_tx_bytes", out.network_tx_bytes);
  fields.optional("network_rx_bytes_per_s", out.network_rx_bytes_per_s, rate_max);
  fields.optional("network_tx_bytes_per_s", out.network_tx_bytes_per_s, rate_max);
  fields.optional("block_read_bytes_per_s", out.block_read_bytes_per_s, rate_max);
  fields.optional("block_write_bytes_per_s", out.block_write_bytes_per_s, rate_max);
  fields.optional("image_bytes", out.image_bytes);
  fields.optional("writable_bytes", out.writable_bytes);
}

void read_mount(JsonFields fields, MountReading& out) {
  fields.optional("type", out.type);
  fields.optional("name", out.name);
  fields.optional("source", out.source);
  fields.required("destination", out.destination);
  fields.optional("writable", out.writable);
}

/// Nothing where the member is not there.
std::optional<TimePoint> read_time(JsonFields& fields, std::string_view name) {
  std::string text;
  fields.optional(name, text);
  if (text.empty()) return std::nullopt;
  const auto time = parse_rfc3339(text);
  if (time) return *time;
  fields.fail(name, "is not an RFC 3339 time in UTC");
  return std::nullopt;
}

void read_container(JsonFields fields, ContainerReading& out) {
  fields.required("id", out.id);
  refuse_odd_id(fields, out.id);
  fields.optional("name", out.name);
  fields.optional("image", out.image);
  fields.optional("image_id", out.image_id);
  fields.optional("state", out.state);
  fields.optional("health", out.health);
  fields.optional("restarts", out.restarts);
  out.started_at = read_time(fields, "started_at");
  fields.texts("labels", labels_max, [&](std::string_view name, std::string value) {
    out.labels.emplace(name, std::move(value));
  });
  fields.objects("mounts", mounts_max,
                 [&](JsonFields mount) { read_mount(mount, out.mounts.emplace_back()); });
  read_container_use(fields, out);
}

void read_when(JsonFields& fields, HostReading& out) {
  const auto time = read_time(fields, "sampled_at");
  if (time) out.sampled_at = *time;
  if (!time) fields.fail("sampled_at", "is missing");
  double interval_s = 0;
  fields.optional("interval_s", interval_s, interval_s_max);
  out.interval = Duration{std::llround(interval_s * 1000.0)};
}

void read_warnings(JsonFields& fields, std::vector<std::string>& out) {
  const auto* warnings = fields.array_member("warnings", warnings_max);
  if (warnings == nullptr) return;
  for (const auto& warning : *warnings) {
    const auto* text = warning.if_string();
    if (text == nullptr || text->size() > JsonFields::text_bytes_max) {
      return fields.fail("warnings", "holds something that is not a text, or too long");
    }
    out.emplace_back(text->data(), text->size());
  }
}

template <class T, class Read>
void read_list(JsonFields& fields, std::string_view name, std::size_t count_max, Read read,
               std::vector<T>& out) {
  fields.objects(name, count_max, [&](JsonFields element) { read(element, out.emplace_back()); });
}

void read_host(JsonFields fields, HostReading& out) {
  int version = 0;
  fields.required("version", version);
  if (version != 1) fields.fail("version", "is not 1: this monitor is older than that agent");
  fields.optional("agent_version", out.agent_version);
  fields.optional("boot_id", out.boot_id);
  fields.optional("address", out.address);
  read_when(fields, out);
  const bool cpu = fields.object("cpu", [&](JsonFields inner) { read_cpu(inner, out.cpu); });
  if (!cpu) fields.fail("cpu", "is missing");
  const bool memory =
      fields.object("memory", [&](JsonFields inner) { read_memory(inner, out.memory); });
  if (!memory) fields.fail("memory", "is missing");
  read_pressures(fields, out.pressure);
  read_list(fields, "filesystems", devices_max, read_filesystem, out.filesystems);
  read_list(fields, "disks", devices_max, read_disk, out.disks);
  read_list(fields, "nics", devices_max, read_nic, out.nics);
  fields.optional("tx_dropped", out.tx_dropped);
  fields.object("facts", [&](JsonFields inner) { read_facts(inner, out.facts); });
  read_list(fields, "containers", containers_max, read_container, out.containers);
  refuse_duplicate_ids(fields, out.containers);
  read_warnings(fields, out.warnings);
}

}  // namespace

Result<HostReading> decode_v1(std::string_view json) {
  const auto document = JsonDocument::parse(json);
  if (!document) return document.error();
  std::optional<Error> problem;
  HostReading reading;
  read_host(JsonFields{document->root(), problem}, reading);
  if (problem) return *problem;
  return reading;
}

}  // namespace plimsoll
