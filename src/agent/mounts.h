#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

struct Mount {
  std::string device_number;  ///< "254:0"; the same for bind mounts of one file system.
  std::string root;           ///< Which of its directories is mounted.
  std::string point;
  std::string type;
  std::string source;
  std::string super_options;  ///< Of a cgroup v1 tree: its controllers.
  friend bool operator==(const Mount&, const Mount&) = default;
};

/// Source: /proc/PID/mountinfo (proc(5)), octal escapes undone. Lines of another form are left out.
[[nodiscard]] std::vector<Mount> parse_mountinfo(std::string_view text);

/// Whether its space can be asked for without the risk of hanging: it is on a disk of this machine,
/// or in its memory. A remote one, or one that a program serves (FUSE), may hang whoever asks.
[[nodiscard]] bool is_local(const Mount& mount);

/// The file systems that hold data, local ones and others, each once, at its shortest mount point;
/// in the order of those. None that exists only in memory, and no autofs, which asking would mount.
[[nodiscard]] std::vector<Mount> data_filesystems(const std::vector<Mount>& mounts);

/// The mount on which `path` lies, in `mounts`; nullptr where none holds it.
[[nodiscard]] const Mount* mount_of(const std::vector<Mount>& mounts, std::string_view path);

}  // namespace plimsoll
