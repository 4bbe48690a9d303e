#pragma once

#include "runtime/asio.h"

namespace plimsoll {

/// Runs `task` to its end on `context` and gives its exit code. What still runs there then is
/// abandoned.
int run_to_end(asio::io_context& context, Task<int> task);

/// For a command that keeps objects beside its task: timers, sockets and locks must go before the
/// context does, and what is abandoned there refers to the objects. So the context is declared
/// first, the objects after it, and run_to_end() destroys what is abandoned while they live.
class CommandIo : public asio::io_context {
 public:
  CommandIo() : asio::io_context{1} {}
  void destroy_abandoned() { shutdown(); }
};
int run_to_end(CommandIo& context, Task<int> task);

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
