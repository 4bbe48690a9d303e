#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Time all cores spent in each mode since boot. Unit: clock ticks.
struct CpuTicks {
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0;
  std::uint64_t iowait = 0, irq = 0, softirq = 0, steal = 0;
  friend bool operator==(const CpuTicks&, const CpuTicks&) = default;
};

struct ProcStat {
  CpuTicks ticks;
  std::vector<CoreCounters> cores;  ///< Those on line.
};

/// Source: /proc/stat (proc(5)); guest time is inside user and nice already, so it is not added.
/// Errors: malformed - no "cpu" line with at least 8 numbers, or no "cpuN" line.
[[nodiscard]] Result<ProcStat> parse_proc_stat(std::string_view text);

/// Shares of each mode between two readings; nothing when no time passed or the counters of idle
/// and the rest went back together. A single counter that went back (iowait does) counts as 0.
/// Unit: percent of all cores.
[[nodiscard]] std::optional<CpuModes> cpu_modes(const CpuTicks& before, const CpuTicks& after);

/// What of the modes is use: all but idle and waiting for disks, as the predecessor, psutil and top
/// count it.
[[nodiscard]] double used_percent(const CpuModes& modes);

}  // namespace plimsoll
