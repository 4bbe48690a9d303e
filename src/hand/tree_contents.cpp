#include "hand/tree_contents.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t chunk_bytes = 1U << 20;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Below `root` only, and no symbolic link on the way, whatever somebody makes of the tree
/// meanwhile.
int open_below(int root, const std::string& path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how)));
}

bool same(const TreeEntry& a, const TreeEntry& b) {
  return a.device == b.device && a.inode == b.inode && a.bytes == b.bytes &&
         a.modified_ns == b.modified_ns && a.changed_ns == b.changed_ns;
}

class Reader {
 public:
  Reader(int root, const std::vector<const TreeEntry*>& files, std::vector<ReadContents>& contents)
      : root_(root), files_(files), contents_(contents) {}

  void run() {
    std::string buffer(chunk_bytes, '\0');
    for (;;) {
      const std::size_t next = next_++;
      if (next >= files_.size() || failed_) return;
      auto read = one(*files_[next], buffer);
      if (read) {
        contents_[next] = *read;
      } else {
        const std::scoped_lock lock{mutex_};
        failed_ = true;
        if (!error_) error_ = read.error();
      }
    }
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  Result<ReadContents> one(const TreeEntry& file, std::string& buffer) const {
    int descriptor = open_below(root_, file.path, O_NOATIME);
    if (descriptor < 0 && errno == EPERM) descriptor = open_below(root_, file.path, 0);
    const Descriptor open{descriptor};
    ReadContents read;
    read.end = ReadContents::End::gone;
    if (open.get() < 0) {
      if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return read;
      return cannot_read(file);
    }
    const auto before = entry_of(open.get());
    if (!before) return before.error().in(printable(file.path, 300));
    if (!before->is_file()) return read;
    Sha256 sum;
    for (;;) {
      const ssize_t bytes = ::read(open.get(), buffer.data(), buffer.size());
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes < 0) return cannot_read(file);
      if (bytes == 0) break;
      sum.add(buffer.data(), static_cast<std::size_t>(bytes));
      read.bytes += Bytes{static_cast<std::uint64_t>(bytes)};
    }
    read.sum = sum.finish();
    const auto after = entry_of(open.get());
    if (!after) return after.error().in(printable(file.path, 300));
    const bool steady = same(file, *before) && same(file, *after);
    read.end = steady ? ReadContents::End::read : ReadContents::End::changed;
    return read;
  }

  [[nodiscard]] static Error cannot_read(const TreeEntry& file) {
    return {Errc::io, fmt::format("{}: cannot read it: {}", printable(file.path, 300),
                                  std::generic_category().message(errno))};
  }

  int root_;
  const std::vector<const TreeEntry*>& files_;
  std::vector<ReadContents>& contents_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<ReadContents>> read_contents(const std::filesystem::path& root,
                                                const std::vector<const TreeEntry*>& files,
                                                unsigned threads) {
  const Descriptor folder{::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0) {
    return Error{Errc::io, fmt::format("{}: cannot open it: {}", root.string(),
                                       std::generic_category().message(errno))};
  }
  std::vector<ReadContents> contents(files.size());
  Reader reader{folder.get(), files, contents};
  {
    std::vector<std::jthread> helpers;
    const std::size_t wanted = std::min<std::size_t>(threads, files.size());
    for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back([&reader] { reader.run(); });
    reader.run();
  }
  if (reader.error()) return *reader.error();
  return contents;
}

}  // namespace plimsoll
