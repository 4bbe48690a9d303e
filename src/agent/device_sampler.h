#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/host_fs.h"
#include "agent/mounts.h"
#include "agent/proc_devices.h"
#include "agent/rate.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Disks, network interfaces and file systems of the host, with rates since the call before.
/// A device that is new or whose counters went back is left out of one sample.
class DeviceSampler {
 public:
  explicit DeviceSampler(HostFs fs) : fs_(std::move(fs)) {}

  /// What is looked for seldom: which file systems and which uplink there are.
  void refresh(const std::vector<Mount>& mounts);

  [[nodiscard]] std::vector<DiskReading> disks(std::chrono::nanoseconds interval);
  [[nodiscard]] std::vector<NicReading> nics(std::chrono::nanoseconds interval);
  [[nodiscard]] std::vector<FilesystemReading> filesystems() const;
  /// The address on the interface of the default route, else on the first real interface.
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  [[nodiscard]] bool is_whole_disk(const std::string& device) const;
  [[nodiscard]] bool is_uplink(const std::string& name) const;

  HostFs fs_;
  std::vector<Mount> local_;
  std::string default_nic_;
  std::string address_;
  std::map<std::string, DiskCounters> disks_before_;
  std::map<std::string, NicCounters> nics_before_;
};

/// The first IPv4 address of that interface of this process's network namespace, else its first
/// IPv6 address that is not link-local, else "".
[[nodiscard]] std::string address_of_nic(const std::string& name);

}  // namespace plimsoll
