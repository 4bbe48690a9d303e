#include "runtime/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace plimsoll {

Result<FileLock> FileLock::take(const std::filesystem::path& file, int operation) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Error{Errc::io, file.string() + ": " + std::generic_category().message(errno)};
  }
  int error = 0;
  do {
    error = ::flock(fd, operation) == 0 ? 0 : errno;
  } while (error == EINTR);
  if (error == 0) return FileLock{fd};
  ::close(fd);
  if (error == EWOULDBLOCK) {
    return Error{Errc::conflict, file.string() + ": held by another process"};
  }
  return Error{Errc::io, file.string() + ": " + std::generic_category().message(error)};
}

Result<FileLock> FileLock::try_lock(const std::filesystem::path& file) {
  return take(file, LOCK_EX | LOCK_NB);
}

Result<FileLock> FileLock::wait_for(const std::filesystem::path& file) {
  return take(file, LOCK_EX);
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
