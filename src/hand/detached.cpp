#include "hand/detached.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "core/text.h"
#include "runtime/file_lock.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr Duration start_at_most{5'000};
constexpr Duration look_every{5};
constexpr std::size_t last_words_max = 64U << 10;

void pause_for(Duration duration) { ::poll(nullptr, 0, static_cast<int>(duration.count())); }

std::string last_words(const std::filesystem::path& log) {
  const auto text = read_file(log, last_words_max);
  if (!text) return "it left no word";
  const auto lines = split(trim(*text), '\n');
  return printable(lines.back(), 300);
}

Result<pid_t> spawn_in_own_session(const DetachedJob& job, const std::vector<std::string>& words) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, job.log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::vector<std::string> all{"plimsoll"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  argv.reserve(all.size() + 1);
  for (auto& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv.data(), ::environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return Error{Errc::io, "cannot start a process: " + std::generic_category().message(error)};
  }
  return pid;
}

/// The id that the living job wrote into its lock, or nothing where none lives.
std::optional<pid_t> pid_of(const DetachedJob& job) {
  if (!is_alive(job)) return std::nullopt;
  const auto text = read_file(job.lock, 64);
  if (!text) return std::nullopt;
  return parse_number<pid_t>(trim(*text));
}

/// A signal to the job and to no other process: while the lock is held, its id is its own.
void send_signal(const DetachedJob& job, int signal) {
  const auto pid = pid_of(job);
  if (!pid || *pid <= 1) return;
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0));
  if (handle < 0) return;
  if (is_alive(job)) ::syscall(SYS_pidfd_send_signal, handle, signal, nullptr, 0);
  ::close(handle);
}

bool wait_for_end(const DetachedJob& job, Duration at_most) {
  const auto give_up = std::chrono::steady_clock::now() + at_most;
  while (is_alive(job)) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    pause_for(look_every);
  }
  return true;
}

}  // namespace

Result<void> start_detached(const DetachedJob& job, const std::vector<std::string>& words) {
  const auto pid = spawn_in_own_session(job, words);
  if (!pid) return pid.error();
  const auto give_up = std::chrono::steady_clock::now() + start_at_most;
  while (!is_alive(job)) {
    if (::waitpid(*pid, nullptr, WNOHANG) == *pid) {
      return Error{Errc::io, "a process that was to stay ended at once: " + last_words(job.log)};
    }
    if (std::chrono::steady_clock::now() > give_up) {
      ::kill(*pid, SIGKILL);
      ::waitpid(*pid, nullptr, 0);
      return Error{Errc::io, "a process that was to stay did not get ready in 5 s"};
    }
    pause_for(look_every);
  }
  return {};
}

bool is_alive(const DetachedJob& job) {
  // Opened without making it, so that asking leaves nothing behind. A shared lock, so that who asks
  // at the same moment is not taken for the job.
  const int fd = ::open(job.lock.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock held {};
  held.l_type = F_RDLCK;
  held.l_whence = SEEK_SET;
  const bool asked = ::fcntl(fd, F_OFD_GETLK, &held) == 0;
  ::close(fd);
  return asked && held.l_type != F_UNLCK;
}

Result<void> end_detached(const DetachedJob& job, Duration patience) {
  send_signal(job, SIGTERM);
  if (!wait_for_end(job, patience)) {
    send_signal(job, SIGKILL);
    if (!wait_for_end(job, start_at_most)) {
      return Error{Errc::io, job.lock.string() + ": the process that holds it does not end"};
    }
  }
  std::error_code ignored;
  std::filesystem::remove(job.lock, ignored);
  return {};
}

Result<void> become_job(const DetachedJob& job) {
  // Never closed: the kernel lets go of the lock when this process ends, however it does.
  const int fd = ::open(job.lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Error{Errc::io, job.lock.string() + ": " + std::generic_category().message(errno)};
  }
  const auto pid = std::to_string(::getpid()) + "\n";
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  if (::fcntl(fd, F_OFD_SETLK, &wanted) != 0) {
    ::close(fd);
    return Error{Errc::conflict, job.lock.string() + ": held by another process"};
  }
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return Error{Errc::io, job.lock.string() + ": " + std::generic_category().message(errno)};
  }
  ::umask(0077);
  if (::chdir("/") != 0) return Error{Errc::io, "cannot go to /"};
  return {};
}

}  // namespace plimsoll
