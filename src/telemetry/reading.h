#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "telemetry/kernel_counters.h"

namespace plimsoll {

/// Pressure stall information: share of time in which some or all tasks waited.
/// Unit: percent over the last 10, 60 and 300 s.
/// Source: the kernel's Documentation/accounting/psi.rst.
struct PressureLine {
  double avg10 = 0;
  double avg60 = 0;
  double avg300 = 0;
  friend bool operator==(const PressureLine&, const PressureLine&) = default;
};
struct Pressure {
  PressureLine some;
  std::optional<PressureLine> full;  ///< Absent for cpu on kernels before 5.13.
  friend bool operator==(const Pressure&, const Pressure&) = default;
};
struct PressureSet {
  std::optional<Pressure> cpu;
  std::optional<Pressure> memory;
  std::optional<Pressure> io;
  friend bool operator==(const PressureSet&, const PressureSet&) = default;
};

/// CPU time by mode over the sampling interval. Unit: percent of all cores of the host.
struct CpuModes {
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  friend bool operator==(const CpuModes&, const CpuModes&) = default;
};

struct CpuReading {
  double cores = 0;               ///< Capacity; a slice's quota may make it fractional.
  double percent = 0;             ///< Used, 0-100 of that capacity, over the sampling interval.
  std::optional<CpuModes> modes;  ///< Absent for a slice.
  std::optional<double> load1, load5, load15;
  friend bool operator==(const CpuReading&, const CpuReading&) = default;
};

/// Unit: bytes.
struct MemoryReading {
  std::uint64_t total = 0;  ///< Of the host, or the slice's limit.
  std::uint64_t available =
      0;  ///< Could be had without swapping; total less the working set in a slice.
  std::optional<std::uint64_t> cache, swap_total, swap_used;
  friend bool operator==(const MemoryReading&, const MemoryReading&) = default;
};

struct FilesystemReading {
  std::string mount, device, type;
  std::uint64_t total = 0, used = 0, available = 0;  ///< Bytes; available as for a non-root user.
  std::optional<std::uint64_t> files = {}, files_free = {};  ///< Inodes; absent: no limit.
  friend bool operator==(const FilesystemReading&, const FilesystemReading&) = default;
};

struct DiskReading {
  std::string device;
  double read_bytes_per_s = 0, write_bytes_per_s = 0, reads_per_s = 0, writes_per_s = 0;
  double busy_percent = 0;
  friend bool operator==(const DiskReading&, const DiskReading&) = default;
};

struct NicReading {
  std::string name;
  double rx_bytes_per_s = 0, tx_bytes_per_s = 0;
  std::uint64_t rx_bytes = 0, tx_bytes = 0, rx_dropped = 0, tx_dropped = 0;  ///< Since boot.
  friend bool operator==(const NicReading&, const NicReading&) = default;
};

/// What a move needs to know of a machine.
struct MachineFacts {
  std::string hostname, architecture, kernel;
  std::optional<std::string> docker_version, storage_driver;
  std::optional<int> cgroup_version;
  std::optional<std::uint64_t> docker_root_free_bytes;
  friend bool operator==(const MachineFacts&, const MachineFacts&) = default;
};

/// Something of the host, or a volume, that a container sees.
struct MountReading {
  std::string type;    ///< Docker's word: bind, volume, tmpfs.
  std::string name;    ///< Of a volume; "" for others.
  std::string source;  ///< The path on the host; "" for tmpfs.
  std::string destination;
  bool writable = true;
  friend bool operator==(const MountReading&, const MountReading&) = default;
};

struct ContainerReading {
  std::string id;     ///< All 64 hex digits.
  std::string name;   ///< Without the leading slash.
  std::string image;  ///< As its creator wrote it.
  std::string image_id;
  std::string state;  ///< Docker's word: running, paused, exited, ...
  std::optional<std::string> health;
  std::optional<std::uint64_t> restarts;
  std::optional<TimePoint> started_at;
  /// Only `plimsoll.*` and Compose's project and service: other labels may be secrets.
  std::map<std::string, std::string> labels;
  std::vector<MountReading> mounts;

  std::optional<double> cpu_cores;      ///< In use over the interval; 1.5 is one and a half cores.
  std::optional<double> cpu_percent;    ///< The same as percent of the host's (or slice's) cores.
  std::optional<std::uint64_t> cpu_ns;  ///< Since the container's start.
  std::optional<double> cpu_limit_cores;
  std::optional<double> throttled_percent;          ///< Of the periods in the interval.
  std::optional<std::uint64_t> memory_usage;        ///< With the page cache, as the cgroup says.
  std::optional<std::uint64_t> memory_working_set;  ///< Usage less inactive file pages, >= 0.
  std::optional<std::uint64_t> memory_cache;        ///< Page cache, shared memory with it.
  std::optional<std::uint64_t> memory_limit;
  PressureSet pressure;
  std::optional<std::uint64_t> network_rx_bytes, network_tx_bytes;  ///< Since start.
  std::optional<double> network_rx_bytes_per_s, network_tx_bytes_per_s;
  std::optional<double> block_read_bytes_per_s, block_write_bytes_per_s;
  std::optional<std::uint64_t> image_bytes;     ///< Uncompressed size of its image.
  std::optional<std::uint64_t> writable_bytes;  ///< Of its writable layer, when asked for.
  friend bool operator==(const ContainerReading&, const ContainerReading&) = default;
};

/// What an agent says of its host at one moment. What could not be read is absent, never zero.
struct HostReading {
  std::string agent_version;
  std::string boot_id;
  std::string address;  ///< The host's own address on the interface of its default route.
  TimePoint sampled_at;
  Duration interval{0};  ///< Over which rates and CPU were taken.
  CpuReading cpu;
  MemoryReading memory;
  PressureSet pressure;
  std::vector<FilesystemReading> filesystems;
  std::vector<DiskReading> disks;
  std::vector<NicReading> nics;
  /// Outgoing packets dropped since boot, on all interfaces that are not virtual ends or loopback.
  std::optional<std::uint64_t> tx_dropped;
  MachineFacts facts;
  std::vector<ContainerReading> containers;
  /// Why a part is missing, for people: "docker: permission denied on /var/run/docker.sock".
  std::vector<std::string> warnings;
  /// Where this was sampled by this process; never on the wire.
  std::shared_ptr<const KernelCounters> counters;
  friend bool operator==(const HostReading&, const HostReading&) = default;
};

}  // namespace plimsoll
