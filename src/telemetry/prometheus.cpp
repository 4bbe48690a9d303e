#include "telemetry/prometheus.h"

#include "telemetry/prometheus_text.h"

namespace plimsoll {
namespace {

constexpr auto gauge = PrometheusText::Kind::gauge;
constexpr auto counter = PrometheusText::Kind::counter;

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

/// `put(kind, window, percent)` for each figure there is.
template <class Put>
void each_pressure(const std::optional<Pressure>& pressure, Put put) {
  if (!pressure) return;
  const auto line = [&](std::string_view kind, const PressureLine& figures) {
    put(kind, "10s", figures.avg10);
    put(kind, "60s", figures.avg60);
    put(kind, "300s", figures.avg300);
  };
  line("some", pressure->some);
  if (pressure->full) line("full", *pressure->full);
}

template <class Put>
void each_pressure(const PressureSet& set, Put put) {
  const auto resource = [&](std::string_view name, const std::optional<Pressure>& pressure) {
    each_pressure(pressure, [&](std::string_view kind, std::string_view window, double percent) {
      put(name, kind, window, percent);
    });
  };
  resource("cpu", set.cpu);
  resource("memory", set.memory);
  resource("io", set.io);
}

void put_pressure(PrometheusText& out, const PressureSet& set) {
  out.family("plimsoll_pressure_percent", gauge, "Share of time in which tasks waited (PSI).");
  each_pressure(set, [&](auto resource, auto kind, auto window, double percent) {
    out.sample({{"resource", resource}, {"kind", kind}, {"window", window}}, percent);
  });
}

/// A family with one sample an element.
template <class List, class Labels, class Value>
void put_each(PrometheusText& out, const List& list, Labels put, Value value) {
  for (const auto& element : list) put(out, element, value(element));
}

void put_filesystems(PrometheusText& out, const std::vector<FilesystemReading>& list) {
  const auto put = [](PrometheusText& text, const FilesystemReading& fs, std::uint64_t value) {
    text.sample({{"device", fs.device}, {"fstype", fs.type}, {"mountpoint", fs.mount}}, value);
  };
  out.family("node_filesystem_size_bytes", gauge, "Size.");
  put_each(out, list, put, [](const auto& fs) { return fs.total; });
  out.family("node_filesystem_free_bytes", gauge, "Free, with what is kept for root.");
  put_each(out, list, put, [](const auto& fs) { return fs.total - std::min(fs.used, fs.total); });
  out.family("node_filesystem_avail_bytes", gauge, "Free for users other than root.");
  put_each(out, list, put, [](const auto& fs) { return fs.available; });
}

void put_disks(PrometheusText& out, const std::vector<DiskReading>& list) {
  const auto put = [](PrometheusText& text, const DiskReading& disk, double value) {
    text.sample({{"device", disk.device}}, value);
  };
  out.family("plimsoll_disk_read_bytes_per_second", gauge, "Bytes read.");
  put_each(out, list, put, [](const auto& disk) { return disk.read_bytes_per_s; });
  out.family("plimsoll_disk_written_bytes_per_second", gauge, "Bytes written.");
  put_each(out, list, put, [](const auto& disk) { return disk.write_bytes_per_s; });
  out.family("plimsoll_disk_reads_per_second", gauge, "Reads completed.");
  put_each(out, list, put, [](const auto& disk) { return disk.reads_per_s; });
  out.family("plimsoll_disk_writes_per_second", gauge, "Writes completed.");
  put_each(out, list, put, [](const auto& disk) { return disk.writes_per_s; });
  out.family("plimsoll_disk_busy_percent", gauge, "Share of time with a request under way.");
  put_each(out, list, put, [](const auto& disk) { return disk.busy_percent; });
}

void put_nics(PrometheusText& out, const std::vector<NicReading>& list) {
  const auto put = [](PrometheusText& text, const NicReading& nic, std::uint64_t value) {
    text.sample({{"device", nic.name}}, value);
  };
  out.family("node_network_receive_bytes_total", counter, "Bytes received.");
  put_each(out, list, put, [](const auto& nic) { return nic.rx_bytes; });
  out.family("node_network_transmit_bytes_total", counter, "Bytes sent.");
  put_each(out, list, put, [](const auto& nic) { return nic.tx_bytes; });
  out.family("node_network_receive_drop_total", counter, "Incoming packets dropped.");
  put_each(out, list, put, [](const auto& nic) { return nic.rx_dropped; });
  out.family("node_network_transmit_drop_total", counter, "Outgoing packets dropped.");
  put_each(out, list, put, [](const auto& nic) { return nic.tx_dropped; });
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
  out.family("plimsoll_sample_time_seconds", gauge, "When the figures were taken.");
  out.sample({}, seconds(reading.sampled_at.time_since_epoch()));
  out.family("plimsoll_docker_root_free_bytes", gauge, "Free where Docker keeps its data.");
  out.sample({}, facts.docker_root_free_bytes);
}

const auto put_container = [](PrometheusText& text, const ContainerReading& container,
                              const auto& value) {
  text.sample({{"id", container.id}, {"name", container.name}, {"image", container.image}}, value);
};

std::optional<double> cpu_seconds(const ContainerReading& container) {
  if (!container.cpu_ns) return std::nullopt;
  return static_cast<double>(*container.cpu_ns) / 1e9;
}

void put_container_standard(PrometheusText& out, const std::vector<ContainerReading>& list) {
  const auto& put = put_container;
  out.family("container_cpu_usage_seconds_total", counter, "CPU time since start.");
  put_each(out, list, put, cpu_seconds);
  out.family("container_memory_usage_bytes", gauge, "Memory with page cache.");
  put_each(out, list, put, [](const auto& c) { return c.memory_usage; });
  out.family("container_memory_working_set_bytes", gauge, "Usage less inactive file pages.");
  put_each(out, list, put, [](const auto& c) { return c.memory_working_set; });
  out.family("container_spec_memory_limit_bytes", gauge, "Memory limit.");
  put_each(out, list, put, [](const auto& c) { return c.memory_limit; });
  out.family("container_network_receive_bytes_total", counter, "Bytes received since start.");
  put_each(out, list, put, [](const auto& c) { return c.network_rx_bytes; });
  out.family("container_network_transmit_bytes_total", counter, "Bytes sent since start.");
  put_each(out, list, put, [](const auto& c) { return c.network_tx_bytes; });
}

void put_container_ours(PrometheusText& out, const std::vector<ContainerReading>& list) {
  const auto& put = put_container;
  out.family("plimsoll_container_cpu_cores", gauge, "Cores in use over the sampling interval.");
  put_each(out, list, put, [](const auto& c) { return c.cpu_cores; });
  out.family("plimsoll_container_cpu_limit_cores", gauge, "CPU limit.");
  put_each(out, list, put, [](const auto& c) { return c.cpu_limit_cores; });
  out.family("plimsoll_container_throttled_percent", gauge, "Share of CPU periods throttled.");
  put_each(out, list, put, [](const auto& c) { return c.throttled_percent; });
  out.family("plimsoll_container_block_read_bytes_per_second", gauge, "Bytes read.");
  put_each(out, list, put, [](const auto& c) { return c.block_read_bytes_per_s; });
  out.family("plimsoll_container_block_written_bytes_per_second", gauge, "Bytes written.");
  put_each(out, list, put, [](const auto& c) { return c.block_write_bytes_per_s; });
  out.family("plimsoll_container_image_bytes", gauge, "Size of its image, uncompressed.");
  put_each(out, list, put, [](const auto& c) { return c.image_bytes; });
  out.family("plimsoll_container_restarts", gauge, "Restarts by its restart policy.");
  put_each(out, list, put, [](const auto& c) { return c.restarts; });
  out.family("plimsoll_container_running", gauge, "1 when its state is running.");
  put_each(out, list, put, [](const auto& c) { return c.state == "running" ? 1.0 : 0.0; });
}

void put_container_pressure(PrometheusText& out, const std::vector<ContainerReading>& list) {
  out.family("plimsoll_container_pressure_percent", gauge, "As plimsoll_pressure_percent.");
  for (const auto& container : list) {
    each_pressure(container.pressure, [&](auto resource, auto kind, auto window, double percent) {
      out.sample({{"id", container.id},
                  {"name", container.name},
                  {"resource", resource},
                  {"kind", kind},
                  {"window", window}},
                 percent);
    });
  }
}

}  // namespace

std::string encode_prometheus(const HostReading& reading) {
  PrometheusText out;
  put_cpu(out, reading.cpu);
  put_memory(out, reading.memory);
  put_pressure(out, reading.pressure);
  put_filesystems(out, reading.filesystems);
  put_disks(out, reading.disks);
  put_nics(out, reading.nics);
  put_facts(out, reading);
  put_container_standard(out, reading.containers);
  put_container_ours(out, reading.containers);
  put_container_pressure(out, reading.containers);
  return out.take();
}

}  // namespace plimsoll
