#include "telemetry/prometheus.h"

#include <algorithm>

#include "telemetry/prometheus_parts.h"

namespace plimsoll {
namespace {

constexpr auto gauge = PrometheusText::Kind::gauge;

/// cAdvisor's names for what its dashboards divide by.
void put_machine(PrometheusText& out, const HostReading& reading) {
  out.family("machine_cpu_cores", gauge, "Cores of the host or its slice.");
  out.sample({}, reading.cpu.cores);
  out.family("machine_memory_bytes", gauge, "Memory of the host or its slice.");
  out.sample({}, reading.memory.total);
}

void put_cpu(PrometheusText& out, const CpuReading& cpu) {
  out.family("plimsoll_cpu_cores", gauge, "Cores of the host or its slice.").sample({}, cpu.cores);
  out.family("plimsoll_cpu_percent", gauge, "CPU in use over the last sampling interval.");
  out.sample({}, cpu.percent);
  if (const auto& modes = cpu.modes) {
    out.family("plimsoll_cpu_mode_percent", gauge, "CPU time by mode over the sampling interval.");
    out.sample({{"mode", "user"}}, modes->user).sample({{"mode", "nice"}}, modes->nice);
    out.sample({{"mode", "system"}}, modes->system).sample({{"mode", "idle"}}, modes->idle);
    out.sample({{"mode", "iowait"}}, modes->iowait).sample({{"mode", "irq"}}, modes->irq);
    out.sample({{"mode", "softirq"}}, modes->softirq).sample({{"mode", "steal"}}, modes->steal);
  }
  out.family("node_load1", gauge, "1m load average.").sample({}, cpu.load1);
  out.family("node_load5", gauge, "5m load average.").sample({}, cpu.load5);
  out.family("node_load15", gauge, "15m load average.").sample({}, cpu.load15);
}

void put_memory(PrometheusText& out, const MemoryReading& memory) {
  out.family("node_memory_MemTotal_bytes", gauge, "Memory of the host or its slice.");
  out.sample({}, memory.total);
  out.family("node_memory_MemAvailable_bytes", gauge, "Memory to be had without swapping.");
  out.sample({}, memory.available);
  out.family("node_memory_Cached_bytes", gauge, "Page cache.").sample({}, memory.cache);
  out.family("node_memory_SwapTotal_bytes", gauge, "Swap.").sample({}, memory.swap_total);
  if (!memory.swap_total || !memory.swap_used || *memory.swap_used > *memory.swap_total) return;
  out.family("node_memory_SwapFree_bytes", gauge, "Swap that is free.");
  out.sample({}, *memory.swap_total - *memory.swap_used);
}

void put_pressure(PrometheusText& out, const PressureSet& set) {
  out.family("plimsoll_pressure_percent", gauge, "Share of time in which tasks waited (PSI).");
  each_pressure(set, [&](auto resource, auto kind, auto window, double percent) {
    out.sample({{"resource", resource}, {"kind", kind}, {"window", window}}, percent);
  });
}

/// One sample of the current family for each element.
template <class List, class Labels, class Value>
void put_each(PrometheusText& out, const List& list, Labels labels, Value value) {
  for (const auto& element : list) out.sample(labels(element), value(element));
}

void put_filesystems(PrometheusText& out, const std::vector<FilesystemReading>& list) {
  const auto labels = [](const FilesystemReading& fs) {
    return PrometheusText::LabelText{
        {{"device", fs.device}, {"fstype", fs.type}, {"mountpoint", fs.mount}}};
  };
  out.family("node_filesystem_size_bytes", gauge, "Size.");
  put_each(out, list, labels, [](const auto& fs) { return fs.total; });
  out.family("node_filesystem_free_bytes", gauge, "Free, with what is kept for root.");
  put_each(out, list, labels,
           [](const auto& fs) { return fs.total - std::min(fs.used, fs.total); });
  out.family("node_filesystem_avail_bytes", gauge, "Free for users other than root.");
  put_each(out, list, labels, [](const auto& fs) { return fs.available; });
  out.family("node_filesystem_files", gauge, "Inodes.");
  put_each(out, list, labels, [](const auto& fs) { return fs.files; });
  out.family("node_filesystem_files_free", gauge, "Inodes that are free.");
  put_each(out, list, labels, [](const auto& fs) { return fs.files_free; });
}

void put_rates(PrometheusText& out, const HostReading& reading) {
  const auto disk = [](const DiskReading& d) {
    return PrometheusText::LabelText{{{"device", d.device}}};
  };
  const auto nic = [](const NicReading& n) {
    return PrometheusText::LabelText{{{"device", n.name}}};
  };
  out.family("plimsoll_disk_busy_percent", gauge, "Share of time with a request under way.");
  put_each(out, reading.disks, disk, [](const auto& d) { return d.busy_percent; });
  out.family("plimsoll_disk_read_bytes_per_second", gauge, "Bytes read.");
  put_each(out, reading.disks, disk, [](const auto& d) { return d.read_bytes_per_s; });
  out.family("plimsoll_disk_written_bytes_per_second", gauge, "Bytes written.");
  put_each(out, reading.disks, disk, [](const auto& d) { return d.write_bytes_per_s; });
  out.family("plimsoll_disk_reads_per_second", gauge, "Reads completed.");
  put_each(out, reading.disks, disk, [](const auto& d) { return d.reads_per_s; });
  out.family("plimsoll_disk_writes_per_second", gauge, "Writes completed.");
  put_each(out, reading.disks, disk, [](const auto& d) { return d.writes_per_s; });
  out.family("plimsoll_network_receive_bytes_per_second", gauge, "Bytes received.");
  put_each(out, reading.nics, nic, [](const auto& n) { return n.rx_bytes_per_s; });
  out.family("plimsoll_network_transmit_bytes_per_second", gauge, "Bytes sent.");
  put_each(out, reading.nics, nic, [](const auto& n) { return n.tx_bytes_per_s; });
}

void put_facts(PrometheusText& out, const HostReading& reading) {
  const auto& facts = reading.facts;
  out.family("node_uname_info", gauge, "Constant 1 with the system's names.");
  out.sample({{"sysname", "Linux"},
              {"machine", facts.architecture},
              {"nodename", facts.hostname},
              {"release", facts.kernel}},
             1.0);
  out.family("plimsoll_agent_info", gauge, "Constant 1 with the agent's and Docker's versions.");
  out.sample({{"version", reading.agent_version},
              {"docker", facts.docker_version.value_or("")},
              {"storage_driver", facts.storage_driver.value_or("")}},
             1.0);
  out.family("node_time_seconds", gauge, "When the figures were taken, since 1970.");
  out.sample({}, seconds(reading.sampled_at.time_since_epoch()));
  out.family("plimsoll_docker_root_free_bytes", gauge, "Free where Docker keeps its data.");
  out.sample({}, facts.docker_root_free_bytes);
  out.family("plimsoll_warnings", gauge, "Parts that are missing; /v1/telemetry says why.");
  out.sample({}, std::uint64_t{reading.warnings.size()});
}

}  // namespace

std::string encode_prometheus(const HostReading& reading) {
  // Seen on real hosts.
  constexpr std::size_t host_bytes = 48U << 10;
  constexpr std::size_t container_bytes = 8U << 10;
  PrometheusText out{host_bytes + reading.containers.size() * container_bytes};
  put_machine(out, reading);
  put_cpu(out, reading.cpu);
  put_memory(out, reading.memory);
  put_pressure(out, reading.pressure);
  put_filesystems(out, reading.filesystems);
  put_rates(out, reading);
  put_facts(out, reading);
  if (reading.counters) put_node_counters(out, *reading.counters);
  put_containers(out, reading);
  return out.take();
}

}  // namespace plimsoll
