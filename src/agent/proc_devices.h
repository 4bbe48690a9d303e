#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// Counters of a disk since boot.
struct DiskCounters {
  std::string device;
  std::uint64_t reads = 0, read_bytes = 0, writes = 0, write_bytes = 0, busy_ms = 0;
  friend bool operator==(const DiskCounters&, const DiskCounters&) = default;
};

/// Source: /proc/diskstats (Documentation/admin-guide/iostats.rst); sectors are of 512 bytes
/// whatever the disk. Lines that are not of that form are left out.
[[nodiscard]] std::vector<DiskCounters> parse_diskstats(std::string_view text);

/// Not made in memory or on top of other disks (loop, ram, zram, dm, md, ...): those would count
/// twice.
[[nodiscard]] bool is_real_disk_name(std::string_view device);

/// Counters of a network interface since it came up.
struct NicCounters {
  std::string name;
  std::uint64_t rx_bytes = 0, rx_dropped = 0, tx_bytes = 0, tx_dropped = 0;
  friend bool operator==(const NicCounters&, const NicCounters&) = default;
};

/// Source: /proc/net/dev or /proc/PID/net/dev.
[[nodiscard]] std::vector<NicCounters> parse_net_dev(std::string_view text);

/// Loopback and what bridges containers (lo, docker*, br-*, veth*, virbr*, cni*): its packets pass
/// a real interface too, or never leave the host.
[[nodiscard]] bool is_inner_nic(std::string_view name);

/// The interface of the IPv4 default route with the lowest metric, "" where there is none.
/// Source: /proc/net/route.
[[nodiscard]] std::string parse_default_nic(std::string_view text);

}  // namespace plimsoll
