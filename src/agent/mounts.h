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

/// The local file systems that hold data, each once, at its shortest mount point. A remote or FUSE
/// one may hang whoever asks for its space, so only known local types are kept.
[[nodiscard]] std::vector<Mount> local_filesystems(const std::vector<Mount>& mounts);

/// Whether the space at `path` can be asked for without the risk of hanging.
[[nodiscard]] bool is_on_local_filesystem(const std::vector<Mount>& mounts, std::string_view path);

}  // namespace plimsoll
