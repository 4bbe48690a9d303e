#pragma once

namespace plimsoll {

/// Standard input and output are a terminal that obeys commands (TERM is not "dumb").
[[nodiscard]] bool is_interactive();

/// The terminal of standard input and output for as long as it is entered: alternate screen, no
/// cursor, keys one by one without echo. What is written to standard error meanwhile would spoil
/// the picture; it is kept, the last 64 KiB of it, and shown when the terminal is given back.
///
/// It is given back by leave(), at the end of its life, and by every signal that ends the program
/// and can be caught; the others (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP) are the owner's.
/// Thread: one. Requires: is_interactive(), and no second one at the same time.
class TerminalGuard {
 public:
  /// Commands are written to `output`, which may be non-blocking. Keeps the terminal's state as it
  /// is now, enters nothing yet.
  explicit TerminalGuard(int output);
  ~TerminalGuard();
  TerminalGuard(const TerminalGuard&) = delete;
  TerminalGuard& operator=(const TerminalGuard&) = delete;

  /// May be called again, when somebody else may have changed the terminal.
  void enter();
  /// Waits at most half a second for a terminal that takes nothing. May be called again.
  void leave();
};

}  // namespace plimsoll
