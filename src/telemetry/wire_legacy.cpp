#include "telemetry/wire_legacy.h"

#include <algorithm>
#include <cmath>

#include "core/json_writer.h"
#include "telemetry/derived.h"
#include "telemetry/json_reader.h"
#include "telemetry/reading_check.h"
#include "telemetry/wire_legacy_json.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

void put_device(JsonWriter& json, const HostReading& reading) {
  const double cpu_used = reading.cpu.cores * reading.cpu.percent / 100.0;
  json.field("cpu_used", rounded(cpu_used));
  json.field("cpu_free", rounded(std::max(0.0, reading.cpu.cores - cpu_used)));
  json.field("cpu_percent", rounded(reading.cpu.percent));
  const auto* root = root_filesystem(reading);
  json.field("storage_used", root != nullptr ? root->used : 0);
  json.field("storage_free", root != nullptr ? root->available : 0);
  json.field("storage_percent", root != nullptr ? rounded(used_percent(*root)) : 0.0);
  json.field("vm_used", memory_used(reading).value_or(0));
  json.field("vm_free", reading.memory.available);
  json.field("vm_percent", rounded(memory_percent(reading).value_or(0)));
  json.field("network_drop", reading.tx_dropped.value_or(0));
  json.field("nw_ip", reading.address).field("host", reading.address);
}

void put_container(JsonWriter& json, const HostReading& host, const ContainerReading& container) {
  const std::uint64_t network = network_bytes(container).value_or(0);
  json.begin_object().field("id", short_id(container));
  json.field("cpu_usage", container.cpu_ns.value_or(0));
  json.field("memory_usage", container.memory_usage.value_or(0));
  json.field("nw_usage", network);
  json.field("cpu_per", rounded(container.cpu_percent.value_or(0)));
  json.field("mem_per", rounded(memory_percent(host, container).value_or(0)));
  json.field("nw", legacy_network_percent(network)).end_object();
}

/// The predecessor lists what `docker ps` lists: a stopped container would be a row of zeros.
bool is_listed(const ContainerReading& container) {
  return container.state.empty() || container.state == "running" || container.state == "paused";
}

void put_containers(JsonWriter& json, const HostReading& reading) {
  json.begin_array();
  for (const auto& container : reading.containers) {
    if (is_listed(container)) put_container(json, reading, container);
  }
  json.end_array();
}

/// Bounds that no real host reaches. Chosen by us.
constexpr double cores_max = 65'536;
constexpr double container_percent_max = 100 * cores_max;  // some agents count each core as 100
constexpr double bytes_max = 1e18;

struct LegacyCpu {
  std::optional<double> used, free, percent, utilization, count;
};

/// `cpu_used` + `cpu_free` are all cores; where they are percentages they tell no number of cores.
double cores_of(const LegacyCpu& cpu, double percent) {
  if (cpu.count) return *cpu.count;
  if (!cpu.used || !cpu.free) return 0;
  const double sum = *cpu.used + *cpu.free;
  const bool percentages = std::abs(sum - 100.0) < 1.0 && std::abs(*cpu.used - percent) < 1.0;
  return percentages ? 0 : sum;
}

void read_cpu(JsonFields& fields, CpuReading& out) {
  LegacyCpu cpu;
  fields.optional("cpu_used", cpu.used, cores_max);
  fields.optional("cpu_free", cpu.free, cores_max);
  fields.optional("cpu_percent", cpu.percent);
  fields.optional("cpu_utilization", cpu.utilization);
  fields.optional("cpu_count", cpu.count, cores_max);
  const auto percent = cpu.percent ? cpu.percent : cpu.utilization;
  if (!percent) return fields.fail("cpu_percent", "is missing");
  // Some of its agents measured a little over: a hundred is all there is.
  if (*percent > 110) return fields.fail("cpu_percent", "is above 100", Errc::invalid);
  out.percent = std::min(*percent, 100.0);
  out.cores = cores_of(cpu, *percent);
}

void read_memory(JsonFields& fields, MemoryReading& out) {
  std::optional<std::uint64_t> used, available;
  fields.optional("vm_used", used, bytes_max);
  fields.optional("vm_free", available, bytes_max);
  if (!used || !available) return;
  out.total = *used + *available;
  out.available = *available;
}

void read_storage(JsonFields& fields, std::vector<FilesystemReading>& out) {
  std::optional<std::uint64_t> used, available;
  fields.optional("storage_used", used, bytes_max);
  fields.optional("storage_free", available, bytes_max);
  if (!used || !available) return;
  FilesystemReading root;
  root.mount = "/";
  root.total = *used + *available;
  root.used = *used;
  root.available = *available;
  out.push_back(std::move(root));
}

void read_container(JsonFields fields, std::uint64_t host_memory, ContainerReading& out) {
  fields.required("id", out.id);
  refuse_odd_id(fields, out.id);
  fields.optional("name", out.name);
  fields.optional("cpu_usage", out.cpu_ns);
  fields.optional("memory_usage", out.memory_usage, bytes_max);
  fields.optional("nw_usage", out.network_rx_bytes);
  fields.optional("cpu_per", out.cpu_percent, container_percent_max);
  std::optional<double> memory_share;
  fields.optional("mem_per", memory_share);
  if (!out.memory_usage || !memory_share || *memory_share <= 0) return;
  const double limit = static_cast<double>(*out.memory_usage) / *memory_share * 100.0;
  // Within rounding of the host's own memory means that it has no limit.
  if (limit < std::min(bytes_max, 0.98 * static_cast<double>(host_memory))) {
    out.memory_limit = static_cast<std::uint64_t>(limit);
  }
}

void read_host(JsonFields fields, HostReading& out) {
  fields.optional("nw_ip", out.address);
  if (out.address.empty()) fields.optional("host", out.address);
  read_cpu(fields, out.cpu);
  read_memory(fields, out.memory);
  read_storage(fields, out.filesystems);
  fields.optional("network_drop", out.tx_dropped);
  fields.objects("containers", containers_max, [&](JsonFields inner) {
    read_container(inner, out.memory.total, out.containers.emplace_back());
  });
  refuse_duplicate_ids(fields, out.containers);
}

}  // namespace

std::string encode_devicedetails(const HostReading& reading) {
  JsonWriter json;
  json.begin_object();
  put_device(json, reading);
  json.end_object();
  return json.take();
}

std::string encode_containers(const HostReading& reading) {
  JsonWriter json;
  put_containers(json, reading);
  return json.take();
}

std::string encode_combined(const HostReading& reading) {
  JsonWriter json;
  json.begin_object();
  put_device(json, reading);
  json.key("containers");
  put_containers(json, reading);
  json.end_object();
  return json.take();
}

Result<HostReading> read_combined(const boost::json::value& value) {
  std::optional<Error> problem;
  HostReading reading;
  read_host(JsonFields{value, problem, JsonNumbers::from_text}, reading);
  if (problem) return *problem;
  return reading;
}

Result<HostReading> decode_combined(std::string_view json) {
  const auto document = JsonDocument::parse(json);
  if (!document) return document.error();
  return read_combined(document->root());
}

Result<std::vector<std::string>> decode_rtt_request(std::string_view json) {
  const auto document = JsonDocument::parse(json, JsonLimits{64U << 10, 4});
  if (!document) return document.error();
  std::optional<Error> problem;
  const JsonFields fields{document->root(), problem};
  const auto* list = fields.array_member("hosts", 100'000);
  if (problem) return *problem;
  if (list == nullptr) return Error{Errc::malformed, R"(the body must be {"hosts": ["10.0.0.2"]})"};
  if (list->size() > rtt_hosts_max) return Error{Errc::too_large, "hosts: at most 64 at once"};
  std::vector<std::string> hosts;
  for (const auto& element : *list) {
    const auto* host = element.if_string();
    if (host == nullptr || host->empty() || host->size() > 255) {
      return Error{Errc::malformed, "hosts: holds something that is not an address"};
    }
    hosts.emplace_back(host->data(), host->size());
  }
  return hosts;
}

std::string encode_rtt_response(const std::vector<RttReport>& reports) {
  JsonWriter json;
  json.begin_array();
  for (const auto& report : reports) {
    json.begin_object().field("host", report.host).field("avg_latency", report.avg_ms);
    json.field("min_latency", report.min_ms).field("max_latency", report.max_ms);
    json.field("packet_loss", report.loss).end_object();
  }
  json.end_array();
  return json.take();
}

}  // namespace plimsoll
