#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <variant>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Waits on this coroutine's executor. False when it was cancelled.
[[nodiscard]] inline Task<bool> sleep_for(Duration duration) {
  // On a line of its own: g++ 12 miscompiles a co_await inside an initialiser's braces.
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor, duration};
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !error;
}

/// The task's result, or Errc::timeout with `what` as its message. The task is cancelled then and
/// must heed that: with Asio's own operations it does; a blocking call would be waited for.
template <class T>
[[nodiscard]] Task<Result<T>> with_deadline(Task<Result<T>> task, Duration deadline,
                                            std::string what) {
  using namespace asio::experimental::awaitable_operators;
  auto race = std::move(task) || sleep_for(deadline);
  auto first = co_await std::move(race);
  if (first.index() == 1) {
    co_return Error{Errc::timeout, what + ": no answer in " + format_duration(deadline)};
  }
  co_return std::get<0>(std::move(first));
}

/// A function as a coroutine, for whatever executor it is spawned on.
template <class Function>
[[nodiscard]] auto call(Function work) -> Task<std::invoke_result_t<Function>> {
  co_return work();
}

/// Runs blocking work on `pool` and resumes on the caller's executor with what it gave. Being
/// cancelled meanwhile changes nothing: the work is waited for.
template <class Function>
[[nodiscard]] auto run_blocking(asio::thread_pool& pool, Function work)
    -> Task<std::invoke_result_t<Function>> {
  return asio::co_spawn(pool, call(std::move(work)), asio::use_awaitable);
}

}  // namespace plimsoll
