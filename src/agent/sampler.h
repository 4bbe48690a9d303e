#pragma once

#include <string>

#include "agent/cgroup_tree.h"
#include "agent/container_sampler.h"
#include "agent/device_sampler.h"
#include "agent/docker_view.h"
#include "agent/host_fs.h"
#include "agent/kept_file.h"
#include "agent/machine_sampler.h"
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
/// Blocks: on /proc and /sys, and for some milliseconds on file systems that hang; meant for a
/// thread of its own.
class Sampler {
 public:
  /// Raises this process's soft limit on open files, to keep more of the kernel's open.
  /// `scope`: a cgroup, "/NAME", that is reported as the host: its quota and limit are the
  /// capacity, its use the load (DESIGN 9). "" - the whole machine.
  Sampler(const HostFs& fs, std::string scope, std::string agent_version);

  /// Errors: not_found - there is nothing to compare with yet: the first call, or the first that
  /// could read the CPU's figures; or the scope's cgroup does not exist; malformed - /proc is not
  /// Linux's; conflict - the CPU's counters went back, the next call will do.
  [[nodiscard]] Result<HostReading> sample(const DockerView& engine, Moment now);

 private:
  void refresh(Monotonic now);
  [[nodiscard]] Result<void> sample_slice(Monotonic now, HostReading& out,
                                          KernelCounters& counters);
  void put_containers(const DockerView& engine, Monotonic now, HostReading& out,
                      KernelCounters& counters);
  void put_devices(const DockerView& docker, std::chrono::nanoseconds interval, HostReading& out,
                   KernelCounters& counters);
  static void put_facts(const DockerView& docker, HostReading& out);

  HostFs fs_;
  std::string scope_;
  OpenFiles open_files_;
  ReadBuffer buffer_;
  CgroupTree tree_;
  MachineSampler machine_;
  CgroupReader slice_;
  DeviceSampler devices_;
  ContainerSampler containers_;
  HostReading constant_;  ///< What stays the same for a while.
  std::optional<Monotonic> refreshed_at_;
  std::optional<Monotonic> sampled_at_;
  struct SliceCpu {
    std::uint64_t ns = 0;
    Monotonic at;
  };
  std::optional<SliceCpu> slice_cpu_;  ///< Of the call before, where that could read it.
};

}  // namespace plimsoll
