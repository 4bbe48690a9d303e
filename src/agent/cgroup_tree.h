#pragma once

#include <array>
#include <string>
#include <vector>

#include "agent/cgroup_files.h"
#include "agent/host_fs.h"
#include "agent/mounts.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Where one cgroup's files are, a directory for each controller; "" where it has none.
struct CgroupPaths {
  std::string cpu, cpuacct, memory, blkio;
  std::string unified;  ///< In version 2's tree: pressure, also on hybrid hosts.
  friend bool operator==(const CgroupPaths&, const CgroupPaths&) = default;
  [[nodiscard]] bool empty() const { return *this == CgroupPaths{}; }
};

/// Counters and levels of one cgroup. Absent: the host's kernel or tree does not tell.
struct CgroupUse {
  std::optional<std::uint64_t> cpu_ns;
  std::optional<std::uint64_t> periods, throttled_periods;
  std::optional<std::uint64_t> memory_usage, memory_working_set, memory_cache;
  std::optional<BlockBytes> block;
  PressureSet pressure;
};

struct CgroupLimits {
  std::optional<double> cores;
  std::optional<std::uint64_t> memory;
};

/// The cgroup trees of a host. Each controller lives in version 1 or 2, asked for one by one: a
/// hybrid host has both.
class CgroupTree {
 public:
  explicit CgroupTree(HostFs fs);

  /// Finds the trees in the host's mounts. Called again after a change of mounts.
  void probe(const std::vector<Mount>& mounts);

  /// Docker's word for it: 2 where memory is in the unified tree.
  [[nodiscard]] std::optional<int> version() const;

  /// The cgroup of a process, from its /proc/PID/cgroup. Empty where that cannot be read.
  [[nodiscard]] CgroupPaths of_process(int pid) const;
  /// The cgroup of that name in every tree that has it.
  [[nodiscard]] CgroupPaths named(std::string_view path) const;
  /// The usual places of a container's cgroup; `parent` is the engine's cgroup-parent or "".
  [[nodiscard]] CgroupPaths of_container(std::string_view id, std::string_view parent) const;

  [[nodiscard]] CgroupUse use(const CgroupPaths& paths) const;
  [[nodiscard]] CgroupLimits limits(const CgroupPaths& paths) const;

 private:
  struct Tree {
    std::string mount;  ///< Where it is mounted; "" - not at all.
    std::string root;   ///< Which cgroup the mount shows; "/" mostly.
    bool unified = false;
  };

  void fill_from_unified();
  [[nodiscard]] std::string directory(const Tree& tree, std::string_view path) const;
  template <class PathOf>
  [[nodiscard]] CgroupPaths paths_by(PathOf path_of) const;
  void read_cpu(const CgroupPaths& paths, CgroupUse& out) const;
  void read_memory(const CgroupPaths& paths, CgroupUse& out) const;
  void read_block(const CgroupPaths& paths, CgroupUse& out) const;
  void read_pressure(const CgroupPaths& paths, CgroupUse& out) const;
  [[nodiscard]] std::optional<std::string> file(const std::string& directory,
                                                std::string_view name) const;

  HostFs fs_;
  Tree cpu_, cpuacct_, memory_, blkio_, unified_;
};

}  // namespace plimsoll
