#pragma once

#include <string>

#include "support/fake_tree.h"

namespace plimsoll::test {

inline const std::string id_a(64, 'a');

inline constexpr const char* mountinfo_v1 =
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio\n";
inline constexpr const char* mountinfo_v2 =
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "31 27 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
inline constexpr const char* mountinfo_hybrid =
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
    "33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

inline constexpr const char* pressure_text =
    "some avg10=1.50 avg60=1.25 avg300=1.00 total=7753578\n"
    "full avg10=0.50 avg60=0.25 avg300=0.10 total=100\n";

/// Four cores with `user` and `idle` ticks in all.
inline std::string proc_stat(int user, int idle) {
  return "cpu  " + std::to_string(user) + " 0 0 " + std::to_string(idle) +
         " 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n"
         "cpu2 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0 0 0\nintr 5\n";
}

inline std::string net_dev(const std::string& name, int rx, int tx) {
  return "Inter-|   Receive                                                |  Transmit\n"
         " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "
         "drop fifo colls carrier compressed\n"
         "    lo:   99999       9    0    0    0     0          0         0    99999       9    0  "
         "  0    0     0       0          0\n  " +
         name + ": " + std::to_string(rx) + " 9 0 3 0 0 0 0 " + std::to_string(tx) +
         " 9 0 7 0 0 0 0\n";
}

/// A machine with four cores and 8 GB, without cgroups and containers.
inline FakeTree fake_machine(const char* mountinfo) {
  return {{"proc/stat", proc_stat(100, 900)},
          {"proc/meminfo",
           "MemTotal:        8000000 kB\nMemFree:         1000000 kB\nMemAvailable:    2000000 kB\n"
           "Buffers:          100000 kB\nCached:          1500000 kB\nSwapTotal:       1000000 kB\n"
           "SwapFree:         750000 kB\n"},
          {"proc/loadavg", "1.25 0.75 0.50 2/345 6789\n"},
          {"proc/pressure/cpu", "some avg10=1.50 avg60=1.25 avg300=1.00 total=7753578\n"},
          {"proc/pressure/memory", pressure_text},
          {"proc/pressure/io", pressure_text},
          {"proc/diskstats",
           " 254 0 vda 100 0 2000 0 50 0 1000 0 0 500 0\n"
           " 254 1 vda1 100 0 2000 0 50 0 1000 0 0 500 0\n"
           "   7 0 loop0 1 0 2 0 0 0 0 0 0 0 0\n"},
          {"sys/block/vda/size", "1"},
          // Of this process, which may have a network of its own.
          {"proc/net/dev", net_dev("eth9", 1, 1)},
          {"proc/1/net/dev", net_dev("eth0", 1000, 2000)},
          {"proc/1/net/route",
           "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
           "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"},
          {"proc/sys/kernel/random/boot_id", "b7f0c9a2-0000-4000-8000-000000000001\n"},
          {"proc/sys/kernel/hostname", "h1\n"},
          {"proc/sys/kernel/osrelease", "6.1.0-18-amd64\n"},
          {"proc/1/mountinfo", mountinfo}};
}

/// Figures of one cgroup in version 1's trees.
inline void write_cgroup_v1(const FakeTree& tree, const std::string& path, long cpu_ns,
                            long periods, long throttled) {
  const std::string cpu = "sys/fs/cgroup/cpu,cpuacct" + path;
  const std::string memory = "sys/fs/cgroup/memory" + path;
  tree.write_all({{cpu + "/cpuacct.usage", std::to_string(cpu_ns) + "\n"},
                  {cpu + "/cpu.stat", "nr_periods " + std::to_string(periods) + "\nnr_throttled " +
                                          std::to_string(throttled) + "\nthrottled_time 5\n"},
                  {cpu + "/cpu.cfs_quota_us", "200000\n"},
                  {cpu + "/cpu.cfs_period_us", "100000\n"},
                  {memory + "/memory.usage_in_bytes", "4000\n"},
                  {memory + "/memory.stat",
                   "cache 1\ninactive_file 1\ntotal_cache 1500\ntotal_inactive_file 1000\n"},
                  {memory + "/memory.limit_in_bytes", "10000\n"},
                  {memory + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"},
                  {"sys/fs/cgroup/blkio" + path + "/blkio.throttle.io_service_bytes_recursive",
                   "8:0 Read 100\n8:0 Write 200\n8:0 Total 300\n8:16 Read 1\nTotal 301\n"}});
}

inline void write_cgroup_v2(const FakeTree& tree, const std::string& path, long cpu_us) {
  const std::string at = "sys/fs/cgroup" + path;
  tree.write_all({{"sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n"},
                  {at + "/cpu.stat", "usage_usec " + std::to_string(cpu_us) +
                                         "\nuser_usec 1\nnr_periods 10\nnr_throttled 1\n"},
                  {at + "/cpu.max", "150000 100000\n"},
                  {at + "/memory.current", "4000\n"},
                  {at + "/memory.stat", "anon 1\nfile 1500\ninactive_file 5000\n"},
                  {at + "/memory.max", "max\n"},
                  {at + "/io.stat", "8:0 rbytes=100 wbytes=200 rios=1\n8:16 rbytes=1 wbytes=2\n"},
                  {at + "/cpu.pressure", pressure_text},
                  {at + "/memory.pressure", pressure_text},
                  {at + "/io.pressure", pressure_text}});
}

}  // namespace plimsoll::test
