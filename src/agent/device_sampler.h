#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/host_fs.h"
#include "agent/kept_file.h"
#include "agent/mounts.h"
#include "agent/proc_devices.h"
#include "agent/rate.h"
#include "agent/space_meter.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Disks, network interfaces and file systems of the host, with rates since the call before.
/// A device that is new or whose counters went back is left out of one sample.
class DeviceSampler {
 public:
  DeviceSampler(const HostFs& fs, OpenFiles& open_files);

  /// What is looked for seldom: which file systems and which uplink there are.
  void refresh(const std::vector<Mount>& mounts);

  /// `counters` gets those of the same devices.
  [[nodiscard]] std::vector<DiskReading> disks(std::chrono::nanoseconds interval,
                                               ReadBuffer& buffer,
                                               std::vector<DiskCounters>& counters);
  [[nodiscard]] std::vector<NicReading> nics(std::chrono::nanoseconds interval, ReadBuffer& buffer,
                                             std::vector<NicCounters>& counters);

  struct Filesystems {
    std::vector<FilesystemReading> list;
    std::optional<std::uint64_t> docker_root_free;
    std::vector<std::string> hanging;  ///< Mount points that do not answer; not in the list.
  };
  /// `docker_root`: also asked for; "" - not known.
  /// Blocks: as SpaceMeter::ask.
  [[nodiscard]] Filesystems filesystems(const std::string& docker_root);
  /// The address on the interface of the default route, else on the first real interface.
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  [[nodiscard]] bool is_whole_disk(const std::string& device);
  [[nodiscard]] bool is_uplink(const std::string& name);

  HostFs fs_;
  KeptFile diskstats_, net_dev_;
  SpaceMeter space_;
  std::vector<Mount> mounts_;
  std::vector<Mount> shown_;
  std::string default_nic_;
  std::string address_;
  std::map<std::string, bool> disk_names_, nic_names_;  ///< Verdicts since the last refresh.
  std::map<std::string, DiskCounters> disks_before_;
  std::map<std::string, NicCounters> nics_before_;
};

/// The first IPv4 address of that interface of this process's network namespace, else its first
/// IPv6 address that is not link-local, else "".
[[nodiscard]] std::string address_of_nic(const std::string& name);

}  // namespace plimsoll
