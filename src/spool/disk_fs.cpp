#include "spool/disk_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr const char* lock_name = "lock";
constexpr mode_t file_mode = 0600;
constexpr mode_t folder_mode = 0700;

Error failure(const std::string& path, const char* what, int error) {
  const Errc code = error == ENOENT ? Errc::not_found : Errc::io;
  return {code,
          fmt::format("{}: cannot {}: {}", path, what, std::generic_category().message(error))};
}

// The errno of what did not go, or 0.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

int read_at(int fd, std::string& out, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n =
        ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  out.resize(done);
  return 0;
}

// Who holds the lock says so in its file.
std::string holder(int lock) {
  constexpr std::size_t bytes_max = 200;
  std::string text(bytes_max, '\0');
  if (read_at(lock, text, 0) != 0 || trim(text).empty()) return "another process";
  return printable(trim(text));
}

std::string own_name() {
  return fmt::format("process {} ({})\n", ::getpid(), program_invocation_short_name);
}

Result<OwnedFd> take_lock(const std::filesystem::path& folder) {
  const auto path = (folder / lock_name).string();
  OwnedFd lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_mode)};
  if (!lock.is_open()) return failure(path, "create", errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(path, "lock", errno);
    return Error{Errc::conflict,
                 fmt::format("{}: is in use by {}; one monitor to a data_dir: stop that one, or "
                             "choose another data_dir",
                             folder.string(), holder(lock.get()))};
  }
  // Only for people: a full disk must not keep us from what is in the folder.
  const bool cleared = ::ftruncate(lock.get(), 0) == 0;
  if (cleared) write_all(lock.get(), own_name());
  return lock;
}

}  // namespace

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

int OwnedFd::release() { return std::exchange(fd_, -1); }

Result<std::unique_ptr<DiskFs>> DiskFs::open(const std::filesystem::path& folder) {
  std::error_code error;
  const auto parent = folder.parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return failure(parent.string(), "make the folder", error.value());
  if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) {
    return failure(folder.string(), "make the folder", errno);
  }
  OwnedFd directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory.is_open()) return failure(folder.string(), "open", errno);
  auto lock = take_lock(folder);
  if (!lock) return lock.error();
  return std::unique_ptr<DiskFs>{new DiskFs(folder, std::move(directory), std::move(*lock))};
}

Error DiskFs::failed(const std::string& name, const char* what, int error) const {
  return failure((folder_ / name).string(), what, error);
}

Result<int> DiskFs::open_file(OpenFile& file, const std::string& name, int flags) const {
  if (file.fd.is_open() && file.name == name) return file.fd.get();
  file.fd = OwnedFd{::openat(directory_.get(), name.c_str(),
                             flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, file_mode)};
  if (!file.fd.is_open()) return failed(name, "open", errno);
  file.name = name;
  return file.fd.get();
}

void DiskFs::close_file(const std::string& name) {
  if (appended_.name == name) appended_ = {};
  if (read_.name == name) read_ = {};
}

Result<std::vector<SpoolFile>> DiskFs::list() {
  OwnedFd again{::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  DIR* entries = again.is_open() ? ::fdopendir(again.get()) : nullptr;
  if (entries == nullptr) return failure(folder_.string(), "list", errno);
  again.release();
  std::vector<SpoolFile> files;
  while (const dirent* entry = ::readdir(entries)) {
    struct stat status {};
    if (::fstatat(directory_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!S_ISREG(status.st_mode)) continue;
    const std::string name{entry->d_name};
    if (name != lock_name) files.push_back({name, static_cast<std::uint64_t>(status.st_size)});
  }
  ::closedir(entries);
  return files;
}

Result<std::string> DiskFs::read(const std::string& name, std::uint64_t offset, std::size_t bytes) {
  const auto fd = open_file(read_, name, O_RDONLY);
  if (!fd) return fd.error();
  std::string text(bytes, '\0');
  if (const int error = read_at(*fd, text, offset); error != 0) return failed(name, "read", error);
  return text;
}

Result<void> DiskFs::append(const std::string& name, std::string_view text) {
  const auto fd = open_file(appended_, name, O_WRONLY | O_APPEND | O_CREAT);
  if (!fd) return fd.error();
  if (const int error = write_all(*fd, text); error != 0) return failed(name, "write", error);
  return {};
}

Result<void> DiskFs::sync(const std::string& name) {
  OpenFile once;
  OpenFile& file = appended_.name == name ? appended_ : once;
  const auto fd = open_file(file, name, O_WRONLY | O_APPEND);
  if (!fd) return fd.error();
  if (::fdatasync(*fd) != 0) return failed(name, "sync", errno);
  if (::fsync(directory_.get()) != 0) return failure(folder_.string(), "sync", errno);
  return {};
}

Result<void> DiskFs::replace(const std::string& name, std::string_view text) {
  const auto temporary = name + ".new";
  const OwnedFd file{::openat(directory_.get(), temporary.c_str(),
                              O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, file_mode)};
  if (!file.is_open()) return failed(temporary, "create", errno);
  if (const int error = write_all(file.get(), text); error != 0) {
    return failed(temporary, "write", error);
  }
  if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), name.c_str()) != 0) {
    return failed(name, "replace", errno);
  }
  return {};
}

Result<void> DiskFs::truncate(const std::string& name, std::uint64_t bytes) {
  const auto fd = open_file(appended_, name, O_WRONLY | O_APPEND);
  if (!fd) return fd.error();
  if (::ftruncate(*fd, static_cast<off_t>(bytes)) != 0) return failed(name, "shorten", errno);
  return {};
}

Result<void> DiskFs::remove(const std::string& name) {
  close_file(name);
  if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return failed(name, "remove", errno);
  }
  return {};
}

}  // namespace plimsoll
