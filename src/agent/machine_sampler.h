#pragma once

#include <optional>

#include "agent/host_fs.h"
#include "agent/kept_file.h"
#include "agent/node_metrics.h"
#include "agent/proc_stat.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// CPU, memory, load and pressure of the whole machine, out of /proc.
class MachineSampler {
 public:
  MachineSampler(const HostFs& fs, OpenFiles& open_files);

  /// Errors: not_found - there is nothing to compare with yet, the first call of all; not_found,
  /// malformed - /proc is not Linux's; conflict - the CPU's counters stand still
  /// or went back.
  [[nodiscard]] Result<void> sample(ReadBuffer& buffer, HostReading& out, KernelCounters& counters);

  /// Cores that are on line, and the memory: what a slice without limits has.
  struct Capacity {
    int cores = 0;
    std::uint64_t memory = 0;
  };
  [[nodiscard]] Result<Capacity> capacity(ReadBuffer& buffer);

 private:
  [[nodiscard]] Result<void> sample_memory(ReadBuffer& buffer, HostReading& out, Figures& figures);
  void put_load(ReadBuffer& buffer, HostReading& out);
  void put_pressure(ReadBuffer& buffer, HostReading& out, PressureTotals& totals);
  void put_figures(ReadBuffer& buffer, Figures& out);
  [[nodiscard]] Result<ProcStat> read_stat(ReadBuffer& buffer, Figures* figures);

  KeptFile stat_, meminfo_, loadavg_;
  KeptFile cpu_pressure_, memory_pressure_, io_pressure_;
  KeptFile vmstat_, netstat_, snmp_, sockstat_, file_nr_, entropy_;
  std::optional<CpuTicks> ticks_;
};

}  // namespace plimsoll
