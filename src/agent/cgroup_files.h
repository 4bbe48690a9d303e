#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

// Pure readers of single cgroup files, version 1 and 2
// (Documentation/admin-guide/cgroup-v1/, cgroup-v2.rst).

/// Bytes read and written by all devices.
struct BlockBytes {
  std::uint64_t read = 0, written = 0;
  friend bool operator==(const BlockBytes&, const BlockBytes&) = default;
};
/// Version 1: blkio.throttle.io_service_bytes[_recursive], lines of "8:0 Read 123".
[[nodiscard]] BlockBytes parse_blkio_bytes(std::string_view text);
/// Version 2: io.stat, lines of "8:0 rbytes=1 wbytes=2 ...".
[[nodiscard]] BlockBytes parse_io_stat(std::string_view text);

/// cpu.max: "QUOTA PERIOD" as cores; nothing for "max".
[[nodiscard]] std::optional<double> parse_cpu_max(std::string_view text);
/// cpu.cfs_quota_us and cpu.cfs_period_us as cores; nothing for -1.
[[nodiscard]] std::optional<double> quota_cores(std::string_view quota, std::string_view period);

/// memory.max or memory.limit_in_bytes; nothing for "max" and version 1's "no limit", a number
/// near 2^63.
[[nodiscard]] std::optional<std::uint64_t> parse_memory_limit(std::string_view text);

/// /proc/PID/cgroup: controller -> path; "" is the key of version 2's line. Named hierarchies and
/// paths outside of our cgroup namespace ("/../x") are left out.
[[nodiscard]] std::map<std::string, std::string, std::less<>> parse_proc_cgroup(
    std::string_view text);

}  // namespace plimsoll
