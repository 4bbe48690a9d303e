#include "hand/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "core/text.h"

namespace plimsoll {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

TreeEntry entry_from(const struct stat& status) {
  TreeEntry entry;
  entry.device = status.st_dev;
  entry.inode = status.st_ino;
  entry.links = status.st_nlink;
  entry.special = status.st_rdev;
  entry.bytes = static_cast<std::uint64_t>(status.st_size);
  entry.disk_bytes = static_cast<std::uint64_t>(status.st_blocks) * 512;
  entry.mode = status.st_mode;
  entry.owner = status.st_uid;
  entry.group = status.st_gid;
  entry.modified_ns = nanoseconds(status.st_mtim);
  entry.changed_ns = nanoseconds(status.st_ctim);
  return entry;
}

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, FolderCloser>;

Folder open_folder(int parent, const char* name) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  // Reading a name must not change access times, which only an owner may ask for.
  int descriptor = ::openat(parent, name, flags | O_NOATIME);
  if (descriptor < 0 && errno == EPERM) descriptor = ::openat(parent, name, flags);
  if (descriptor < 0) return nullptr;
  DIR* folder = ::fdopendir(descriptor);
  if (folder == nullptr) ::close(descriptor);
  return Folder{folder};
}

bool is_dots(std::string_view name) { return name == "." || name == ".."; }

class Walk {
 public:
  Walk(const std::filesystem::path& root, const TreeLimits& limits, const TreeVisitor& visit)
      : root_(root.string()), limits_(limits), visit_(visit) {}

  Result<void> run() {
    const auto folder = open_folder(AT_FDCWD, root_.c_str());
    if (!folder) return failed("", "open");
    struct stat status {};
    if (::fstat(::dirfd(folder.get()), &status) != 0) return failed("", "look at");
    if (auto seen = visited(entry_from(status), {::dirfd(folder.get()), "."}); !seen) return seen;
    return below(folder.get(), "", 1);
  }

 private:
  [[nodiscard]] Error failed(const std::string& path, const char* what) const {
    const Errc code = errno == ENOENT ? Errc::not_found : Errc::io;
    return {code, fmt::format("{}: cannot {} it: {}", where(path), what,
                              std::generic_category().message(errno))};
  }
  [[nodiscard]] std::string where(const std::string& path) const {
    return printable(path.empty() ? root_ : root_ + "/" + path, 400);
  }

  Result<void> visited(TreeEntry entry, TreePlace place) {
    if (++entries_ > limits_.entries_max) {
      return Error{Errc::too_large,
                   fmt::format("{}: more than {} files and folders", root_, limits_.entries_max)};
    }
    return visit_(std::move(entry), place);
  }

  Result<std::vector<std::string>> names_in(DIR* folder, const std::string& path) const {
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* found = ::readdir(folder);
      if (found == nullptr) break;
      if (!is_dots(found->d_name)) names.emplace_back(found->d_name);
      if (names.size() > limits_.entries_max) break;
    }
    if (errno != 0) return failed(path, "list");
    std::ranges::sort(names, [](const std::string& a, const std::string& b) {
      return std::string_view{a} < std::string_view{b};
    });
    return names;
  }

  Result<void> below(DIR* folder, const std::string& path, std::size_t depth) {
    if (depth > limits_.depth_max) {
      return Error{Errc::too_large,
                   fmt::format("{}: more than {} folders deep", where(path), limits_.depth_max)};
    }
    const auto names = names_in(folder, path);
    if (!names) return names.error();
    for (const auto& name : *names) {
      const TreePlace place{::dirfd(folder), name.c_str()};
      if (auto done = one(place, path.empty() ? name : path + "/" + name, depth); !done) {
        return done;
      }
    }
    return {};
  }

  Result<void> one(TreePlace place, const std::string& path, std::size_t depth) {
    struct stat status {};
    if (::fstatat(place.folder, place.name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};
      return failed(path, "look at");
    }
    auto entry = entry_from(status);
    entry.path = path;
    const bool is_folder = entry.is_folder();
    if (auto seen = visited(std::move(entry), place); !seen || !is_folder) return seen;
    const auto folder = open_folder(place.folder, place.name);
    if (!folder) {
      if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return {};
      return failed(path, "open");
    }
    return below(folder.get(), path, depth + 1);
  }

  std::string root_;
  const TreeLimits& limits_;
  const TreeVisitor& visit_;
  std::size_t entries_ = 0;
};

}  // namespace

bool TreeEntry::is_file() const { return S_ISREG(mode); }
bool TreeEntry::is_folder() const { return S_ISDIR(mode); }
bool TreeEntry::is_link() const { return S_ISLNK(mode); }
bool TreeEntry::is_whiteout() const { return S_ISCHR(mode) && special == 0; }

Result<void> walk_tree(const std::filesystem::path& root, const TreeLimits& limits,
                       const TreeVisitor& visit) {
  return Walk{root, limits, visit}.run();
}

Result<TreeEntry> entry_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return Error{Errc::io, "cannot look at it: " + std::generic_category().message(errno)};
  }
  return entry_from(status);
}

}  // namespace plimsoll
