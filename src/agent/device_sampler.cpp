#include "agent/device_sampler.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "core/text.h"

namespace plimsoll {
namespace {

struct Addresses {
  std::string v4, v6;
};

void note_address(const ifaddrs& entry, Addresses& out) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (entry.ifa_addr->sa_family == AF_INET && out.v4.empty()) {
    sockaddr_in address{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    out.v4 = ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  }
  if (entry.ifa_addr->sa_family == AF_INET6 && out.v6.empty()) {
    sockaddr_in6 address{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr)) return;
    out.v6 = ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
  }
}

std::optional<DiskReading> disk_reading(const DiskCounters& a, const DiskCounters& b,
                                        std::chrono::nanoseconds interval) {
  const auto read = rate(a.read_bytes, b.read_bytes, interval);
  const auto written = rate(a.write_bytes, b.write_bytes, interval);
  const auto reads = rate(a.reads, b.reads, interval);
  const auto writes = rate(a.writes, b.writes, interval);
  const auto busy_ms = rate(a.busy_ms, b.busy_ms, interval);
  if (!read || !written || !reads || !writes || !busy_ms) return std::nullopt;
  return DiskReading{b.device, *read, *written, *reads, *writes, std::min(*busy_ms / 10.0, 100.0)};
}

}  // namespace

std::string address_of_nic(const std::string& name) {
  ifaddrs* list = nullptr;
  if (name.empty() || ::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, &::freeifaddrs};
  Addresses found;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr != nullptr && name == entry->ifa_name) note_address(*entry, found);
  }
  return found.v4.empty() ? found.v6 : found.v4;
}

void DeviceSampler::refresh(const std::vector<Mount>& mounts) {
  local_ = local_filesystems(mounts);
  default_nic_ = parse_default_nic(fs_.try_read("/proc/net/route").value_or(""));
  address_ = address_of_nic(default_nic_);
  if (!address_.empty()) return;
  for (const auto& nic : parse_net_dev(fs_.try_read("/proc/net/dev").value_or(""))) {
    if (is_uplink(nic.name)) address_ = address_of_nic(nic.name);
    if (!address_.empty()) return;
  }
}

bool DeviceSampler::is_whole_disk(const std::string& device) const {
  return is_real_disk_name(device) && fs_.exists("/sys/block/" + device);
}

bool DeviceSampler::is_uplink(const std::string& name) const {
  if (name == default_nic_) return true;
  // What belongs to a bond or a bridge is counted there already.
  return !is_inner_nic(name) && !fs_.exists("/sys/class/net/" + name + "/master");
}

std::vector<DiskReading> DeviceSampler::disks(std::chrono::nanoseconds interval) {
  std::vector<DiskReading> list;
  std::map<std::string, DiskCounters> now;
  for (auto& disk : parse_diskstats(fs_.try_read("/proc/diskstats").value_or(""))) {
    if (!is_whole_disk(disk.device)) continue;
    const auto before = disks_before_.find(disk.device);
    if (before != disks_before_.end()) {
      if (auto reading = disk_reading(before->second, disk, interval)) {
        list.push_back(std::move(*reading));
      }
    }
    now.emplace(disk.device, std::move(disk));
  }
  disks_before_ = std::move(now);
  return list;
}

std::vector<NicReading> DeviceSampler::nics(std::chrono::nanoseconds interval) {
  std::vector<NicReading> list;
  std::map<std::string, NicCounters> now;
  for (auto& nic : parse_net_dev(fs_.try_read("/proc/net/dev").value_or(""))) {
    if (!is_uplink(nic.name)) continue;
    const auto before = nics_before_.find(nic.name);
    if (before != nics_before_.end()) {
      const auto rx = rate(before->second.rx_bytes, nic.rx_bytes, interval);
      const auto tx = rate(before->second.tx_bytes, nic.tx_bytes, interval);
      if (rx && tx) {
        list.push_back(
            {nic.name, *rx, *tx, nic.rx_bytes, nic.tx_bytes, nic.rx_dropped, nic.tx_dropped});
      }
    }
    now.emplace(nic.name, std::move(nic));
  }
  nics_before_ = std::move(now);
  return list;
}

std::vector<FilesystemReading> DeviceSampler::filesystems() const {
  std::vector<FilesystemReading> list;
  for (const auto& mount : local_) {
    const auto space = fs_.space(mount.point);
    if (!space) continue;
    list.push_back({printable(mount.point), printable(mount.source), mount.type, space->total,
                    space->used, space->available});
  }
  return list;
}

}  // namespace plimsoll
