#pragma once

#include <boost/asio.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>

#include "runtime/asio.h"

namespace plimsoll {

/// Runs a coroutine on `context` until it is done; a test that hangs fails after a minute instead.
template <class T>
T run_task(asio::io_context& context, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  // The last task's work may end on another thread only now, and would stop what begins here.
  const auto work = asio::make_work_guard(context);
  context.restart();
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, T value) {
    failure = std::move(thrown);
    result = std::move(value);
    context.stop();
  });
  context.run_for(std::chrono::seconds{60});
  if (failure) std::rethrow_exception(failure);
  if (!result) throw std::runtime_error("the coroutine did not end within a minute");
  return std::move(*result);
}

}  // namespace plimsoll
