#include "orchestrate/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace plimsoll {

Result<FileLock> FileLock::try_lock(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Error{Errc::io, file.string() + ": " + std::generic_category().message(errno)};
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return FileLock{fd};
  const int error = errno;
  ::close(fd);
  if (error == EWOULDBLOCK) {
    return Error{Errc::conflict, file.string() + ": held by another process"};
  }
  return Error{Errc::io, file.string() + ": " + std::generic_category().message(error)};
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace plimsoll
