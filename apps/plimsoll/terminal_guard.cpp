#include "terminal_guard.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "terminal/frame_update.h"

namespace plimsoll {
namespace {

constexpr int leave_patience_ms = 500;
constexpr off_t kept_bytes_max = 64 << 10;

/// All of it is read by signal handlers, so it is plain data, and give_back() calls nothing but
/// what a handler may call (signal-safety(7)).
struct Held {
  volatile std::sig_atomic_t entered = 0;
  int output = -1;
  int true_stderr = -1;  ///< Where standard error led before. -1: it was left alone.
  int kept_stderr = -1;  ///< Where it leads meanwhile.
  termios before{};
};
Held held;

constexpr std::array fatal_signals{SIGABRT, SIGALRM, SIGBUS,  SIGFPE,  SIGILL,  SIGPROF,  SIGSEGV,
                                   SIGSYS,  SIGTRAP, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM};

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      if (::poll(&ready, 1, leave_patience_ms) <= 0) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

/// Standard error as it was, then what was kept of it.
void give_back_stderr() {
  if (held.true_stderr < 0) return;
  ::dup2(held.true_stderr, STDERR_FILENO);
  const off_t end = ::lseek(held.kept_stderr, 0, SEEK_END);
  ::lseek(held.kept_stderr, end > kept_bytes_max ? end - kept_bytes_max : 0, SEEK_SET);
  std::array<char, 1024> buffer;  // NOLINT: filled by read
  for (;;) {
    const ssize_t size = ::read(held.kept_stderr, buffer.data(), buffer.size());
    if (size <= 0) break;
    write_all(STDERR_FILENO, {buffer.data(), static_cast<std::size_t>(size)});
  }
  if (::ftruncate(held.kept_stderr, 0) == 0) ::lseek(held.kept_stderr, 0, SEEK_SET);
}

void give_back() {
  if (held.entered == 0) return;
  held.entered = 0;
  write_all(held.output, leave_screen);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &held.before);
  give_back_stderr();
}

extern "C" void on_fatal_signal(int signal) {
  give_back();
  // The default is in force again (SA_RESETHAND): this ends the program as if we had not looked.
  ::raise(signal);
}

void watch_fatal_signals(bool on) {
  for (const int signal : fatal_signals) {
    struct sigaction action {};
    action.sa_handler = on ? on_fatal_signal : SIG_DFL;
    action.sa_flags = on ? static_cast<int>(SA_RESETHAND | SA_NODEFER) : 0;
    ::sigaction(signal, &action, nullptr);
  }
}

/// Only what would go to a terminal spoils a picture.
void keep_stderr() {
  if (::isatty(STDERR_FILENO) != 1) return;
  held.kept_stderr = ::memfd_create("plimsoll-stderr", MFD_CLOEXEC);
  if (held.kept_stderr < 0) return;
  held.true_stderr = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

void close_kept() {
  for (int* fd : {&held.true_stderr, &held.kept_stderr}) {
    if (*fd >= 0) ::close(*fd);
    *fd = -1;
  }
}

}  // namespace

bool is_interactive() {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return false;
  const char* term = std::getenv("TERM");
  return term != nullptr && *term != '\0' && std::string_view{term} != "dumb";
}

TerminalGuard::TerminalGuard(int output) {
  held.output = output;
  ::tcgetattr(STDIN_FILENO, &held.before);
  keep_stderr();
  watch_fatal_signals(true);
}

TerminalGuard::~TerminalGuard() {
  leave();
  watch_fatal_signals(false);
  close_kept();
}

void TerminalGuard::enter() {
  termios raw = held.before;
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL | INLCR | ISTRIP);
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (held.true_stderr >= 0) ::dup2(held.kept_stderr, STDERR_FILENO);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  held.entered = 1;
  write_all(held.output, enter_screen);
}

void TerminalGuard::leave() { give_back(); }

}  // namespace plimsoll
