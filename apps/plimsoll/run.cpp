#include "run.h"

#include <csignal>
#include <cstdlib>
#include <exception>

#include "command.h"

namespace plimsoll {

int run_to_end(asio::io_context& context, Task<int> task) {
  int code = exit_failed;
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, int value) {
    failure = std::move(thrown);
    code = value;
    context.stop();
  });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return code;
}

int run_to_end(CommandIo& context, Task<int> task) {
  int code = exit_failed;
  std::exception_ptr failure;
  try {
    asio::io_context& plain = context;
    code = run_to_end(plain, std::move(task));
  } catch (...) {
    failure = std::current_exception();
  }
  context.destroy_abandoned();
  if (failure) std::rethrow_exception(failure);
  return code;
}

void survive_hangup() { std::signal(SIGHUP, SIG_IGN); }

StopSignal::StopSignal(const asio::any_io_executor& executor, Hangup hangup)
    : signals_(executor, SIGINT, SIGTERM),
      hangup_(executor),
      woken_(executor, asio::steady_timer::time_point::max()) {
  (hangup == Hangup::stops ? signals_ : hangup_).add(SIGHUP);
  arm();
}

void StopSignal::arm() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (raised_) std::_Exit(128 + signal);
    raised_ = true;
    woken_.expires_at(asio::steady_timer::time_point::min());
    arm();
  });
}

Task<> StopSignal::wait() { co_await woken_.async_wait(asio::as_tuple(asio::use_awaitable)); }

}  // namespace plimsoll
