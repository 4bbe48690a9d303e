#include "agent/host_fs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace plimsoll {
namespace {

constexpr std::size_t file_bytes_max = 4U << 20;

/// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error failure(std::string_view path) {
  const int number = errno;
  return {number == ENOENT || number == ENOTDIR ? Errc::not_found : Errc::io,
          fmt::format("{}: {}", path, std::strerror(number))};
}

}  // namespace

HostFs::HostFs(const std::filesystem::path& root) : root_(root.lexically_normal().string()) {
  while (root_.ends_with('/')) root_.pop_back();
}

std::string HostFs::at(std::string_view path) const {
  std::string full = root_;
  if (!path.starts_with('/')) full += '/';
  return full.append(path);
}

Result<std::string> HostFs::read(std::string_view path) const {
  const std::string full = at(path);
  // Non-blocking, lest a path that is a FIFO holds the sampler up.
  const Descriptor file{::open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.get() < 0) return failure(full);
  std::string text;
  std::array<char, 16U << 10> chunk;  // Not cleared: the kernel fills what is used.
  while (text.size() < file_bytes_max) {
    const auto n = ::read(file.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure(full);
    if (n == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(n));
  }
  return text;
}

std::optional<std::string> HostFs::try_read(std::string_view path) const {
  auto text = read(path);
  if (!text) return std::nullopt;
  return std::move(*text);
}

bool HostFs::exists(std::string_view path) const { return ::access(at(path).c_str(), F_OK) == 0; }

std::optional<Space> HostFs::space(std::string_view mount) const {
  struct statvfs figures {};
  if (::statvfs(at(mount).c_str(), &figures) != 0 || figures.f_blocks == 0) return std::nullopt;
  const std::uint64_t block = figures.f_frsize;
  Space space;
  space.total = figures.f_blocks * block;
  space.used = (figures.f_blocks - std::min(figures.f_bfree, figures.f_blocks)) * block;
  space.available = std::min(figures.f_bavail, figures.f_blocks) * block;
  space.files = figures.f_files;
  space.files_free = std::min(figures.f_ffree, figures.f_files);
  return space;
}

std::string_view HostFs::mountinfo_path() const {
  return root_.empty() ? "/proc/self/mountinfo" : "/proc/1/mountinfo";
}

std::string HostFs::net_path(std::string_view name) const {
  return fmt::format("/proc/{}/net/{}", root_.empty() ? "self" : "1", name);
}

}  // namespace plimsoll
