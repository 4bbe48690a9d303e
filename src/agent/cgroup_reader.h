#pragma once

#include <optional>

#include "agent/cgroup_tree.h"
#include "agent/kept_file.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Counters and levels of one cgroup. Absent: the host's kernel or tree does not tell.
struct CgroupUse {
  std::optional<std::uint64_t> cpu_ns;
  std::optional<std::uint64_t> periods, throttled_periods, throttled_ns;
  std::optional<std::uint64_t> memory_usage, memory_working_set, memory_cache, memory_anonymous;
  std::optional<std::uint64_t> oom_kills;
  std::optional<BlockBytes> block;
  PressureSet pressure;
  PressureTotals pressure_totals;
  /// Nothing could be read: the cgroup is gone.
  [[nodiscard]] bool empty() const { return !cpu_ns && !memory_usage; }
};

/// Reads the files of one cgroup again and again.
class CgroupReader {
 public:
  CgroupReader() = default;
  CgroupReader(const HostFs& fs, const CgroupPaths& paths, CgroupLayout layout,
               OpenFiles& open_files);

  [[nodiscard]] CgroupUse read(ReadBuffer& buffer);

 private:
  void read_cpu(ReadBuffer& buffer, CgroupUse& out);
  void read_memory(ReadBuffer& buffer, CgroupUse& out);
  void read_block(ReadBuffer& buffer, CgroupUse& out);
  void read_pressure(ReadBuffer& buffer, CgroupUse& out);

  CgroupLayout layout_;
  KeptFile cpu_usage_, cpu_stat_;
  KeptFile memory_usage_, memory_stat_, memory_events_;
  KeptFile block_;
  KeptFile cpu_pressure_, memory_pressure_, io_pressure_;
};

}  // namespace plimsoll
