#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/asio.h"
#include "terminal/frame_update.h"
#include "terminal/keys.h"
#include "terminal_guard.h"

namespace plimsoll {

/// How much the terminal can show, by its environment: colours (NO_COLOR, TERM, COLORTERM) and
/// Unicode (LC_ALL, LC_CTYPE, LANG).
struct ScreenLook {
  ColourDepth depth = ColourDepth::none;
  bool unicode = false;
};
[[nodiscard]] ScreenLook look_of_terminal();

/// The whole terminal: frames go out, only what changed of them; keys come in. SIGWINCH, SIGTSTP
/// and SIGCONT are obeyed, SIGINT, SIGTERM, SIGHUP and SIGQUIT end it.
/// Thread: one. Requires: is_interactive().
class Screen {
 public:
  Screen(const asio::any_io_executor& executor, ColourDepth depth);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  [[nodiscard]] ScreenSize size() const { return size_; }
  /// While the terminal has not yet taken an earlier frame, only the newest of the later ones
  /// waits for it.
  void show(Frame frame);
  /// The next frame is sent as a whole.
  void repaint() { shown_.reset(); }

  /// What has happened since it was last asked.
  struct News {
    std::vector<Key> keys;
    bool ended = false;  ///< By a signal, or the terminal is gone; it is given back already.
  };
  /// Until something happens that asks for another frame.
  [[nodiscard]] Task<News> wait();
  /// Ends a wait().
  void wake();
  /// Gives the terminal back, once.
  void end();

 private:
  void enter();
  void read_keys();
  void wait_for_signal();
  void on_signal(int signal);
  void suspend();
  void read_size();
  void send(std::string bytes);
  void take(std::vector<Key> keys);

  asio::posix::stream_descriptor input_;
  asio::posix::stream_descriptor output_;
  asio::signal_set signals_;
  asio::steady_timer woken_;
  asio::steady_timer escape_;
  ColourDepth depth_;
  TerminalGuard guard_;
  /// What runs on after the end of this object's life sees that it has ended.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  ScreenSize size_;
  std::optional<Frame> shown_;
  std::optional<Frame> waiting_;
  std::string sending_;
  std::array<char, 512> buffer_{};
  KeyReader key_reader_;
  News news_;
  bool has_news_ = false;
};

}  // namespace plimsoll
