#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

/// Space of one file system. Unit: bytes.
struct Space {
  std::uint64_t total = 0;
  std::uint64_t used = 0;
  std::uint64_t available = 0;  ///< To users other than root.
  std::uint64_t files = 0;      ///< Inodes there can be; 0: no limit.
  std::uint64_t files_free = 0;
};

/// The host's files, seen under a root: "/" in life, a folder of made-up files in a test, "/host"
/// in a container that has the machine's root mounted there.
class HostFs {
 public:
  explicit HostFs(const std::filesystem::path& root = "/");

  /// A file of /proc, /sys or the cgroup trees; what is longer than 4 MiB is cut there.
  /// Errors: not_found, io.
  [[nodiscard]] Result<std::string> read(std::string_view path) const;
  /// The same where the reason does not matter.
  [[nodiscard]] std::optional<std::string> try_read(std::string_view path) const;
  [[nodiscard]] bool exists(std::string_view path) const;

  /// Blocks: on a file system that hangs, for as long as it does; see SpaceMeter.
  [[nodiscard]] std::optional<Space> space(std::string_view mount) const;

  /// The mounts as the host sees them: its own process's on "/", process 1's elsewhere, since there
  /// this process lives in another mount namespace.
  [[nodiscard]] std::string_view mountinfo_path() const;

  /// A file of the host's network, such as "dev". /proc/net is always that of whoever reads it;
  /// under another root this process may be in a network of its own.
  [[nodiscard]] std::string net_path(std::string_view name) const;

  /// Where that path of the host is for this process.
  [[nodiscard]] std::string at(std::string_view path) const;

 private:
  std::string root_;  ///< Without a trailing '/'.
};

}  // namespace plimsoll
