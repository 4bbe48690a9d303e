#include "hand/peer_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/text.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

// Asked for now and then instead of waited for: to wait, Asio makes the descriptor non-blocking,
// and under sshd that is the very one that we print to.
constexpr Duration look_every{100};

short state_of(int fd, short wanted) {
  pollfd what{.fd = fd, .events = wanted, .revents = 0};
  return ::poll(&what, 1, 0) > 0 ? what.revents : short{0};
}

/// Reads what is there; false at the end.
bool swallow_input() {
  constexpr short news = POLLIN | POLLHUP | POLLERR | POLLNVAL;
  std::string chunk(4096, '\0');
  while ((state_of(STDIN_FILENO, POLLIN) & news) != 0) {
    const auto n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) return false;
  }
  return true;
}

}  // namespace

Task<> until_reader_has_gone() {
  constexpr short gone = POLLHUP | POLLERR | POLLNVAL;
  while ((state_of(STDOUT_FILENO, 0) & gone) == 0) {
    const bool slept = co_await sleep_for(look_every);
    if (!slept) co_return;
  }
}

Task<> until_input_ends() {
  while (swallow_input()) {
    const bool slept = co_await sleep_for(look_every);
    if (!slept) co_return;
  }
}

Result<std::string> read_input(std::size_t bytes_max) {
  std::string text;
  std::string chunk(64U << 10, '\0');
  for (;;) {
    const auto n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return Error{Errc::io, "standard input: " + std::generic_category().message(errno)};
    }
    if (n == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(n));
    if (text.size() > bytes_max) {
      return Error{Errc::too_large, "standard input: more than " + format_bytes(bytes_max)};
    }
  }
}

}  // namespace plimsoll
