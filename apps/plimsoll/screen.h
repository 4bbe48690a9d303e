#pragma once

#include <termios.h>

#include <string>

#include "fleet/fleet_table.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Whether standard output is a terminal.
[[nodiscard]] bool is_terminal();

/// How a table is drawn on standard output: its size, colour unless NO_COLOR or no terminal,
/// block characters where the locale is UTF-8.
[[nodiscard]] TableStyle terminal_style();

/// The whole terminal for as long as it lives: alternate screen, no cursor, keys one by one. Gives
/// the terminal back as it was.
/// Requires: is_terminal().
class Screen {
 public:
  explicit Screen(const asio::any_io_executor& executor);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void draw(const std::string& text);

  enum class Event { time, resized, quit };
  /// Until a key to quit (q, Ctrl-C), a change of the terminal's size, or so long.
  [[nodiscard]] Task<Event> wait(std::chrono::milliseconds at_most);

 private:
  void listen_for_keys();
  void listen_for_size();
  void wake(Event event);

  asio::posix::stream_descriptor keys_;
  asio::signal_set resize_;
  asio::steady_timer timer_;
  termios before_{};
  bool has_keys_ = false;
  bool quit_ = false;
  bool resized_ = false;
  char key_ = 0;
};

}  // namespace plimsoll
