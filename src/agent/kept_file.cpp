#include "agent/kept_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace plimsoll {
namespace {

constexpr std::size_t first_bytes = 16U << 10;
constexpr std::size_t bytes_max = 4U << 20;
/// The kernel gives a file of /proc in pieces of about a page, cut between lines: what is much
/// shorter than that is all there is, and need not be asked for its end.
constexpr std::size_t surely_whole = 2'048;

/// Bytes put at the start of `bytes`, or -1.
ssize_t read_whole(int fd, std::vector<char>& bytes) {
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) {
      if (used >= bytes_max) break;
      bytes.resize(used * 2);
    }
    const auto n = ::pread(fd, bytes.data() + used, bytes.size() - used, static_cast<off_t>(used));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    used += static_cast<std::size_t>(n);
    if (n == 0 || used < surely_whole) break;
  }
  return static_cast<ssize_t>(used);
}

}  // namespace

ReadBuffer::ReadBuffer() : bytes_(first_bytes) {}

KeptFile::KeptFile(std::string path, OpenFiles& open_files)
    : path_(std::move(path)), open_files_(&open_files) {}

KeptFile::KeptFile(KeptFile&& other) noexcept
    : path_(std::move(other.path_)),
      open_files_(other.open_files_),
      fd_(std::exchange(other.fd_, -1)),
      kept_(std::exchange(other.kept_, false)) {}

KeptFile& KeptFile::operator=(KeptFile&& other) noexcept {
  if (this == &other) return *this;
  close();
  path_ = std::move(other.path_);
  open_files_ = other.open_files_;
  fd_ = std::exchange(other.fd_, -1);
  kept_ = std::exchange(other.kept_, false);
  return *this;
}

void KeptFile::close() {
  if (fd_ >= 0) ::close(fd_);
  if (kept_) open_files_->give_back();
  fd_ = -1;
  kept_ = false;
}

bool KeptFile::open() {
  if (fd_ >= 0) return true;
  if (open_files_ == nullptr || path_.empty()) return false;
  // Non-blocking, lest a path that is a FIFO holds the sampler up.
  fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  kept_ = fd_ >= 0 && open_files_->take();
  return fd_ >= 0;
}

std::optional<std::string_view> KeptFile::read(ReadBuffer& buffer) {
  if (!open()) return std::nullopt;
  const auto size = read_whole(fd_, buffer.bytes_);
  if (size < 0 || !kept_) close();
  if (size < 0) return std::nullopt;
  return std::string_view{buffer.bytes_.data(), static_cast<std::size_t>(size)};
}

}  // namespace plimsoll
