#pragma once

#include <string>

#include "agent/cgroup_tree.h"
#include "agent/container_sampler.h"
#include "agent/device_sampler.h"
#include "agent/docker_view.h"
#include "agent/host_fs.h"
#include "agent/proc_stat.h"
#include "agent/rate.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// One moment on both clocks: figures are stamped with the one and divided by the other.
struct Moment {
  TimePoint wall;
  Monotonic monotonic;
};

/// Takes readings of the host, rates between one call and the next.
///
/// Blocks: on /proc, /sys and local file systems; meant for a thread of its own.
class Sampler {
 public:
  /// `scope`: a cgroup, "/NAME", that is reported as the host: its quota and limit are the
  /// capacity, its use the load (DESIGN 9). "" - the whole machine.
  Sampler(const HostFs& fs, std::string scope, std::string agent_version);

  /// Errors: not_found - the first call, there is nothing to compare with yet, or the scope's
  /// cgroup does not exist; malformed - /proc is not Linux's; conflict - the CPU's counters went
  /// back, the next call will do.
  [[nodiscard]] Result<HostReading> sample(const DockerView& docker, Moment now);

 private:
  void refresh(Monotonic now);
  [[nodiscard]] Result<void> sample_machine(HostReading& out);
  [[nodiscard]] Result<void> sample_slice(std::chrono::nanoseconds interval, HostReading& out);
  void put_pressure(HostReading& out) const;
  void put_facts(const DockerView& docker, HostReading& out) const;

  HostFs fs_;
  std::string scope_;
  CgroupTree tree_;
  DeviceSampler devices_;
  ContainerSampler containers_;
  HostReading constant_;  ///< What stays the same for a while.
  std::vector<Mount> mounts_;
  std::optional<Monotonic> refreshed_at_;
  std::optional<Monotonic> sampled_at_;
  std::optional<CpuTicks> ticks_;
  std::optional<std::uint64_t> slice_cpu_ns_;
};

}  // namespace plimsoll
