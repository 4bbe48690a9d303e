#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// A figure of the kernel that /metrics shows under node_exporter's name.
struct NodeMetric {
  std::string_view key;  ///< What it is called in its file of /proc.
  std::string_view name;
  std::string_view help;
  bool is_counter = false;
  std::uint64_t unit = 1;  ///< What one of the kernel's stands for: 1024 bytes in /proc/meminfo.
};

/// What one line of a table of the kernel holds, in the kernel's order and units.
template <std::size_t count>
struct CounterRow {
  std::string name;
  std::array<std::uint64_t, count> figures{};
  friend bool operator==(const CounterRow&, const CounterRow&) = default;
};

/// /proc/stat, "cpuN": user nice system idle iowait irq softirq steal guest guest_nice, in ticks of
/// 10 ms.
using CoreCounters = CounterRow<10>;

/// /proc/diskstats (Documentation/admin-guide/iostats.rst). Sectors are of 512 bytes whatever the
/// disk, times in ms. Kernels before 5.5 lack the last ones: zero.
using DiskCounters = CounterRow<17>;
namespace disk_figure {
inline constexpr std::size_t reads = 0, sectors_read = 2, writes = 4, sectors_written = 6;
inline constexpr std::size_t busy_ms = 9;
}  // namespace disk_figure
inline constexpr std::uint64_t sector_bytes = 512;

/// /proc/net/dev: 8 figures of what came in, 8 of what went out.
using NicCounters = CounterRow<16>;
namespace nic_figure {
inline constexpr std::size_t rx_bytes = 0, rx_dropped = 3, tx_bytes = 8, tx_dropped = 11;
}  // namespace nic_figure

/// Time in which tasks waited. Unit: microseconds since boot, or since the cgroup was made.
/// Source: "total=" of the pressure files (psi.rst).
struct StallTotals {
  std::optional<std::uint64_t> some, full;
  friend bool operator==(const StallTotals&, const StallTotals&) = default;
};
struct PressureTotals {
  StallTotals cpu, memory, io;
  friend bool operator==(const PressureTotals&, const PressureTotals&) = default;
};

/// Counters of one container since its start.
struct ContainerCounters {
  std::string id;
  std::optional<std::uint64_t> periods, throttled_periods, throttled_ns;
  std::optional<std::uint64_t> memory_anonymous, oom_kills;
  std::optional<std::uint64_t> block_read_bytes, block_written_bytes;
  PressureTotals pressure;
  friend bool operator==(const ContainerCounters&, const ContainerCounters&) = default;
};

/// What only /metrics shows: counters, under names that node_exporter and cAdvisor made standard.
/// They are not on the wire to the monitor, which wants rates and small answers.
struct KernelCounters {
  struct Figure {
    const NodeMetric* metric;  ///< In a table that lives as long as the program.
    std::uint64_t value;
  };
  std::vector<CoreCounters> cores;
  std::vector<DiskCounters> disks;
  std::vector<NicCounters> nics;
  std::vector<Figure> figures;
  PressureTotals pressure;
  std::vector<ContainerCounters> containers;  ///< In the order of their ids.
};

}  // namespace plimsoll
