#include "runtime/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/text.h"

namespace plimsoll {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { close(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

Error failed(const std::filesystem::path& path, const char* what, int error) {
  const Errc code = error == ENOENT ? Errc::not_found : Errc::io;
  return {code, fmt::format("{}: cannot {}: {}", path.string(), what,
                            std::generic_category().message(error))};
}

Result<void> write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "write", errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  // Non-blocking, so that a fifo in place of a file cannot hang us.
  const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0) return failed(path, "open", errno);
  struct stat status {};
  if (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return Error{Errc::io, path.string() + ": is a folder, a file is needed"};
  }
  std::string text;
  std::string chunk(64U << 10, '\0');
  for (;;) {
    const ssize_t n = ::read(file.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "read", errno);
    if (n == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(n));
    if (text.size() > bytes_max) {
      return Error{Errc::too_large, fmt::format("{}: larger than {}, which is the limit here",
                                                path.string(), format_bytes(bytes_max))};
    }
  }
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text,
                                   unsigned mode) {
  const std::filesystem::path temporary = path.string() + ".new";
  Fd file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)};
  if (file.get() < 0) return failed(temporary, "create", errno);
  if (auto written = write_all(file.get(), text, temporary); !written) return written;
  if (::fsync(file.get()) != 0) return failed(temporary, "sync", errno);
  file.close();
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed(path, "replace", errno);
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  const Fd directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return failed(folder, "sync", errno);
  return {};
}

FileStamp file_stamp(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  const auto ns = [](const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  };
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          ns(status.st_mtim), ns(status.st_ctim)};
}

Result<std::string> read_secret(const std::filesystem::path& path) {
  const auto text = read_file(path, 64U << 10);
  if (!text) return text.error();
  const std::string_view line = std::string_view{*text}.substr(0, text->find('\n'));
  if (trim(line).empty()) {
    return Error{Errc::invalid, path.string() + ": is empty; put the secret on its first line"};
  }
  return std::string{trim(line)};
}

}  // namespace plimsoll
