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

/// The growth of one figure, a second.
template <class Row>
std::optional<double> rate_of(const Row& before, const Row& now, std::size_t figure,
                              std::chrono::nanoseconds interval) {
  return rate(before.figures.at(figure), now.figures.at(figure), interval);
}

std::optional<DiskReading> disk_reading(const DiskCounters& a, const DiskCounters& b,
                                        std::chrono::nanoseconds interval) {
  constexpr double sector = static_cast<double>(sector_bytes);
  const auto read = rate_of(a, b, disk_figure::sectors_read, interval);
  const auto written = rate_of(a, b, disk_figure::sectors_written, interval);
  const auto reads = rate_of(a, b, disk_figure::reads, interval);
  const auto writes = rate_of(a, b, disk_figure::writes, interval);
  const auto busy_ms = rate_of(a, b, disk_figure::busy_ms, interval);
  if (!read || !written || !reads || !writes || !busy_ms) return std::nullopt;
  return DiskReading{b.name, *read * sector, *written * sector,
                     *reads, *writes,        std::min(*busy_ms / 10.0, 100.0)};
}

std::optional<NicReading> nic_reading(const NicCounters& a, const NicCounters& b,
                                      std::chrono::nanoseconds interval) {
  const auto rx = rate_of(a, b, nic_figure::rx_bytes, interval);
  const auto tx = rate_of(a, b, nic_figure::tx_bytes, interval);
  if (!rx || !tx) return std::nullopt;
  const auto& n = b.figures;
  return NicReading{b.name,
                    *rx,
                    *tx,
                    n[nic_figure::rx_bytes],
                    n[nic_figure::tx_bytes],
                    n[nic_figure::rx_dropped],
                    n[nic_figure::tx_dropped]};
}

/// Readings of the rows that were there before too; what is there now is `before` of the next call.
template <class Reading, class Row, class Make>
std::vector<Reading> compared(const std::vector<Row>& rows, std::map<std::string, Row>& before,
                              Make make) {
  std::vector<Reading> list;
  std::map<std::string, Row> now;
  for (const auto& row : rows) {
    const auto old = before.find(row.name);
    if (old != before.end()) {
      if (auto reading = make(old->second, row)) list.push_back(std::move(*reading));
    }
    now.emplace(row.name, row);
  }
  before = std::move(now);
  return list;
}

/// A verdict that takes a system call, asked for once until the cache is cleared.
template <class Ask>
bool remembered(std::map<std::string, bool>& verdicts, const std::string& name, Ask ask) {
  const auto known = verdicts.find(name);
  if (known != verdicts.end()) return known->second;
  return verdicts.emplace(name, ask()).first->second;
}

FilesystemReading filesystem_reading(const Mount& mount, const Space& space) {
  FilesystemReading out;
  out.mount = printable(mount.point);
  out.device = printable(mount.source);
  out.type = mount.type;
  out.total = space.total;
  out.used = space.used;
  out.available = space.available;
  if (space.files > 0) out.files = space.files;
  if (space.files > 0) out.files_free = space.files_free;
  return out;
}

std::string key_of(const Mount& mount) { return mount.device_number + " " + mount.point; }

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

DeviceSampler::DeviceSampler(const HostFs& fs, OpenFiles& open_files)
    : fs_(fs),
      diskstats_(fs.at("/proc/diskstats"), open_files),
      net_dev_(fs.at(fs.net_path("dev")), open_files),
      space_([fs](const std::string& path) { return fs.space(path); }) {}

void DeviceSampler::refresh(const std::vector<Mount>& mounts) {
  mounts_ = mounts;
  shown_ = data_filesystems(mounts);
  disk_names_.clear();
  nic_names_.clear();
  default_nic_ = parse_default_nic(fs_.try_read(fs_.net_path("route")).value_or(""));
  address_ = address_of_nic(default_nic_);
  if (!address_.empty()) return;
  const auto uplink = [&](const std::string& name) { return is_uplink(name); };
  for (const auto& nic : parse_net_dev(fs_.try_read(fs_.net_path("dev")).value_or(""), uplink)) {
    address_ = address_of_nic(nic.name);
    if (!address_.empty()) return;
  }
}

bool DeviceSampler::is_whole_disk(const std::string& device) {
  return is_real_disk_name(device) &&
         remembered(disk_names_, device, [&] { return fs_.exists("/sys/block/" + device); });
}

bool DeviceSampler::is_uplink(const std::string& name) {
  if (name == default_nic_) return true;
  // What belongs to a bond or a bridge is counted there already.
  return !is_inner_nic(name) && !remembered(nic_names_, name, [&] {
    return fs_.exists("/sys/class/net/" + name + "/master");
  });
}

std::vector<DiskReading> DeviceSampler::disks(std::chrono::nanoseconds interval, ReadBuffer& buffer,
                                              std::vector<DiskCounters>& counters) {
  const auto wanted = [&](const std::string& name) { return is_whole_disk(name); };
  counters = parse_diskstats(diskstats_.read(buffer).value_or(""), wanted);
  return compared<DiskReading>(counters, disks_before_, [&](const auto& a, const auto& b) {
    return disk_reading(a, b, interval);
  });
}

std::vector<NicReading> DeviceSampler::nics(std::chrono::nanoseconds interval, ReadBuffer& buffer,
                                            std::vector<NicCounters>& counters) {
  const auto wanted = [&](const std::string& name) { return is_uplink(name); };
  counters = parse_net_dev(net_dev_.read(buffer).value_or(""), wanted);
  return compared<NicReading>(counters, nics_before_, [&](const auto& a, const auto& b) {
    return nic_reading(a, b, interval);
  });
}

DeviceSampler::Filesystems DeviceSampler::filesystems(const std::string& docker_root) {
  // Chosen by us: a local file system answers in microseconds.
  constexpr std::chrono::milliseconds patience{20};
  std::vector<SpaceQuestion> questions;
  questions.reserve(shown_.size() + 1);
  for (const auto& mount : shown_) {
    questions.push_back({key_of(mount), mount.point, !is_local(mount)});
  }
  const std::string root_key = "docker " + docker_root;
  const Mount* root_mount = docker_root.empty() ? nullptr : mount_of(mounts_, docker_root);
  if (root_mount != nullptr) {
    questions.push_back({root_key, docker_root, !is_local(*root_mount)});
  }
  const auto answers = space_.ask(questions, patience);
  Filesystems out;
  for (const auto& mount : shown_) {
    const auto answer = answers.find(key_of(mount));
    if (answer != answers.end()) out.list.push_back(filesystem_reading(mount, answer->second));
  }
  const auto root = answers.find(root_key);
  if (root != answers.end()) out.docker_root_free = root->second.available;
  out.hanging = space_.hanging();
  const auto top = std::ranges::find(shown_, "/", &Mount::point);
  const bool is_answered = top == shown_.end() || answers.contains(key_of(*top));
  if (!is_answered && std::ranges::find(out.hanging, "/") == out.hanging.end()) {
    out.hanging.emplace_back("/");
  }
  return out;
}

}  // namespace plimsoll
