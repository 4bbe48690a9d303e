#pragma once

#include "runtime/asio.h"

namespace plimsoll {

/// Runs `task` to its end on `context` and gives its exit code. What still runs there then is
/// abandoned.
int run_to_end(asio::io_context& context, Task<int> task);

/// What SIGHUP is to a command. Left to others, it does not end the program, whether others are
/// there yet, or still, or not.
enum class Hangup { stops, is_left_to_others };
/// To be called first by a command to which SIGHUP is no reason to end.
void survive_hangup();

/// SIGINT and SIGTERM, made a thing to wait for. A second one ends the program at once.
class StopSignal {
 public:
  explicit StopSignal(const asio::any_io_executor& executor, Hangup hangup = Hangup::stops);
  [[nodiscard]] Task<> wait();
  /// A first signal has come.
  [[nodiscard]] bool raised() const { return raised_; }

 private:
  void arm();

  asio::signal_set signals_;
  asio::signal_set hangup_;  // nobody waits for it here: others may come and go
  asio::steady_timer woken_;
  bool raised_ = false;
};

}  // namespace plimsoll
