#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cgroup_files.h"
#include "agent/host_fs.h"
#include "agent/mounts.h"

namespace plimsoll {

/// Where one cgroup's files are, a directory for each controller; "" where it has none.
struct CgroupPaths {
  std::string cpu, cpuacct, memory, blkio;
  std::string unified;  ///< In version 2's tree: pressure, also on hybrid hosts.
  friend bool operator==(const CgroupPaths&, const CgroupPaths&) = default;
  [[nodiscard]] bool empty() const { return *this == CgroupPaths{}; }
};

/// Which controllers live in version 2's tree, so that their files have its names.
struct CgroupLayout {
  bool cpu = false, cpuacct = false, memory = false, blkio = false;
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
  [[nodiscard]] CgroupLayout layout() const;

  /// The container's cgroup, out of the /proc/PID/cgroup of one of its processes. Empty where that
  /// does not name the container.
  [[nodiscard]] CgroupPaths of_process(std::string_view proc_cgroup, std::string_view id) const;
  /// The cgroup of that name in every tree that has it.
  [[nodiscard]] CgroupPaths named(std::string_view path) const;
  /// The usual places of a container's cgroup; `parent` is the engine's cgroup-parent or "".
  [[nodiscard]] CgroupPaths of_container(std::string_view id, std::string_view parent) const;

  /// Walks a tree for the cgroups of containers, wherever they are: rootless engines and nested
  /// slices. Container -> path. Bounded in depth and number; takes a millisecond or two.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> search() const;

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
  [[nodiscard]] std::optional<std::string> file(const std::string& directory,
                                                std::string_view name) const;

  HostFs fs_;
  Tree cpu_, cpuacct_, memory_, blkio_, unified_;
};

}  // namespace plimsoll
