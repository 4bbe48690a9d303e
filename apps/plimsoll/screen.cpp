#include "screen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "core/text.h"

namespace plimsoll {
namespace {

/// How long after ESC the rest of a sequence may take; nobody who presses Esc notices. Ours.
constexpr std::chrono::milliseconds escape_patience{50};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : to_lower(value);
}

bool is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment(name);
    if (value.empty()) continue;
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

ColourDepth depth_of_terminal() {
  if (std::getenv("NO_COLOR") != nullptr && !environment("NO_COLOR").empty()) {
    return ColourDepth::none;
  }
  const std::string term = environment("TERM");
  if (term.starts_with("vt1") || term.starts_with("vt2")) return ColourDepth::none;
  const bool many = term.find("256color") != std::string::npos ||
                    term.find("direct") != std::string::npos || !environment("COLORTERM").empty();
  return many ? ColourDepth::many : ColourDepth::sixteen;
}

/// The terminal behind `fd`, opened once more, so that making it non-blocking does not reach those
/// we share it with (the shell).
int open_again(int fd, int flags) {
  const std::string same = fmt::format("/proc/self/fd/{}", fd);
  for (const char* path : {same.c_str(), "/dev/tty"}) {
    const int opened = ::open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (opened >= 0) return opened;
  }
  return ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

}  // namespace

ScreenLook look_of_terminal() { return {depth_of_terminal(), is_utf8()}; }

Screen::Screen(const asio::any_io_executor& executor, ColourDepth depth)
    : input_(executor, open_again(STDIN_FILENO, O_RDONLY)),
      output_(executor, open_again(STDOUT_FILENO, O_WRONLY)),
      signals_(executor, SIGINT, SIGTERM, SIGHUP),
      woken_(executor, asio::steady_timer::time_point::max()),
      escape_(executor),
      depth_(depth),
      guard_(output_.native_handle()) {
  for (const int signal : {SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT}) signals_.add(signal);
  wait_for_signal();
  read_keys();
  enter();
}

Screen::~Screen() { end(); }

void Screen::enter() {
  guard_.enter();
  read_size();
  repaint();
}

/// The terminal first: whatever still has to end may take its time.
void Screen::end() {
  if (news_.ended) return;
  news_.ended = true;
  boost::system::error_code ignored;
  output_.cancel(ignored);
  guard_.leave();
}

void Screen::read_size() {
  winsize found{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) == 0 && found.ws_col > 0;
  // What is larger is no terminal, and would only cost memory.
  constexpr unsigned short most = 2'000;
  if (known) size_ = {std::min(found.ws_col, most), std::min(found.ws_row, most)};
}

void Screen::wake() {
  has_news_ = true;
  woken_.cancel();
}

Task<Screen::News> Screen::wait() {
  if (!has_news_) co_await woken_.async_wait(asio::as_tuple(asio::use_awaitable));
  has_news_ = false;
  News news{std::exchange(news_.keys, {}), news_.ended};
  co_return news;
}

void Screen::take(std::vector<Key> keys) {
  if (keys.empty()) return;
  for (auto& key : keys) news_.keys.push_back(std::move(key));
  wake();
}

void Screen::read_keys() {
  const auto done = [this, alive = std::weak_ptr{alive_}](auto error, std::size_t size) {
    if (alive.expired() || error == asio::error::operation_aborted) return;
    if (error) {
      end();
      return wake();
    }
    escape_.cancel();
    take(key_reader_.feed({buffer_.data(), size}));
    read_keys();
    if (!key_reader_.is_waiting()) return;
    escape_.expires_after(escape_patience);
    escape_.async_wait([this, alive](auto cancelled) {
      if (!alive.expired() && !cancelled) take(key_reader_.give_up());
    });
  };
  input_.async_read_some(asio::buffer(buffer_), done);
}

void Screen::wait_for_signal() {
  signals_.async_wait([this, alive = std::weak_ptr{alive_}](auto error, int signal) {
    if (error || alive.expired()) return;
    on_signal(signal);
    wait_for_signal();
  });
}

void Screen::on_signal(int signal) {
  if (signal == SIGWINCH) {
    read_size();
    repaint();
  } else if (signal == SIGTSTP) {
    suspend();
  } else if (signal == SIGCONT) {
    enter();
  } else {
    end();
  }
  wake();
}

/// As a program that does not catch SIGTSTP; it goes on here when it is continued. Where nobody
/// could continue us the kernel ignores it, and so do we.
void Screen::suspend() {
  guard_.leave();
  struct sigaction usual {};
  struct sigaction ours {};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGTSTP, &usual, &ours);
  ::raise(SIGTSTP);
  ::sigaction(SIGTSTP, &ours, nullptr);
  enter();
}

void Screen::show(Frame frame) {
  if (!sending_.empty()) {
    waiting_ = std::move(frame);
    return;
  }
  const bool same_size = shown_ && shown_->size() == frame.size();
  std::string bytes = same_size ? update(*shown_, frame, depth_) : plimsoll::repaint(frame, depth_);
  shown_ = std::move(frame);
  if (!bytes.empty()) send(std::move(bytes));
}

void Screen::send(std::string bytes) {
  sending_ = std::move(bytes);
  const auto done = [this, alive = std::weak_ptr{alive_}](auto error, std::size_t /*size*/) {
    if (alive.expired() || error == asio::error::operation_aborted) return;
    sending_.clear();
    if (error) {
      end();
      return wake();
    }
    if (!waiting_) return;
    Frame next = std::move(*waiting_);
    waiting_.reset();
    show(std::move(next));
  };
  asio::async_write(output_, asio::buffer(sending_), done);
}

}  // namespace plimsoll
