#include "screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "core/text.h"

namespace plimsoll {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : value;
}

bool is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = to_lower(environment(name));
    if (!value.empty()) {
      return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
  }
  return false;
}

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

TableStyle terminal_style() {
  TableStyle style;
  style.unicode = is_utf8();
  if (!is_terminal()) return style;
  style.colour = environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = size.ws_col;
    style.height = size.ws_row;
  }
  return style;
}

Screen::Screen(const asio::any_io_executor& executor)
    : keys_(executor), resize_(executor, SIGWINCH), timer_(executor) {
  has_keys_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
  if (has_keys_) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    keys_.assign(::dup(STDIN_FILENO));
    listen_for_keys();
  }
  listen_for_size();
  put("\x1b[?1049h\x1b[?25l");
}

Screen::~Screen() {
  put("\x1b[?25h\x1b[?1049l");
  if (!has_keys_) return;
  // Asio made the shared description non-blocking; whoever reads it next does not expect that.
  boost::system::error_code ignored;
  keys_.native_non_blocking(false, ignored);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void Screen::draw(const std::string& text) {
  // Over the old picture, line by line, so that it does not flicker; no line break after the last,
  // which would scroll a full screen.
  std::string out = "\x1b[H";
  const std::string_view shown{text.data(), text.size() - (text.ends_with('\n') ? 1 : 0)};
  bool first = true;
  for (const auto line : split(shown, '\n')) {
    if (!first) out += "\r\n";
    first = false;
    out += line;
    out += "\x1b[K";
  }
  put(out + "\x1b[J");
}

void Screen::wake(Event event) {
  (event == Event::quit ? quit_ : resized_) = true;
  timer_.cancel();
}

void Screen::listen_for_keys() {
  keys_.async_read_some(asio::buffer(&key_, 1), [this](auto error, std::size_t) {
    if (error) return;
    constexpr char ctrl_c = 3;
    if (key_ == 'q' || key_ == 'Q' || key_ == ctrl_c) return wake(Event::quit);
    listen_for_keys();
  });
}

void Screen::listen_for_size() {
  resize_.async_wait([this](auto error, int) {
    if (error) return;
    wake(Event::resized);
    listen_for_size();
  });
}

Task<Screen::Event> Screen::wait(std::chrono::milliseconds at_most) {
  if (!quit_ && !resized_) {
    timer_.expires_after(at_most);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (quit_) co_return Event::quit;
  if (!resized_) co_return Event::time;
  resized_ = false;
  co_return Event::resized;
}

}  // namespace plimsoll
