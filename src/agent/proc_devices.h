#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/kernel_counters.h"

namespace plimsoll {

using NamePredicate = std::function<bool(const std::string&)>;

/// Source: /proc/diskstats. Devices that are not `wanted`, and lines that are not of that form, are
/// left out.
[[nodiscard]] std::vector<DiskCounters> parse_diskstats(std::string_view text,
                                                        const NamePredicate& wanted);

/// Not made in memory or on top of other disks (loop, ram, zram, dm, md, ...): those would count
/// twice.
[[nodiscard]] bool is_real_disk_name(std::string_view device);

/// Source: /proc/net/dev or /proc/PID/net/dev. Interfaces that are not `wanted` are left out.
[[nodiscard]] std::vector<NicCounters> parse_net_dev(std::string_view text,
                                                     const NamePredicate& wanted);

/// Loopback and what bridges containers (lo, docker*, br-*, veth*, virbr*, cni*): its packets pass
/// a real interface too, or never leave the host.
[[nodiscard]] bool is_inner_nic(std::string_view name);

/// The interface of the IPv4 default route with the lowest metric, "" where there is none.
/// Source: /proc/net/route.
[[nodiscard]] std::string parse_default_nic(std::string_view text);

}  // namespace plimsoll
