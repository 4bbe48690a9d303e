#pragma once

#include <memory>
#include <vector>

#include "runtime/asio.h"

namespace plimsoll {

/// Runs all tasks side by side on this coroutine's executor and waits until every one has ended.
/// A task that throws ends only itself.
[[nodiscard]] inline Task<> run_all(std::vector<Task<>> tasks) {
  const auto executor = co_await asio::this_coro::executor;
  struct Latch {
    explicit Latch(const asio::any_io_executor& on) : done(on) {}
    asio::steady_timer done;
    std::size_t left = 0;
  };
  auto latch = std::make_shared<Latch>(executor);
  latch->done.expires_at(asio::steady_timer::time_point::max());
  latch->left = tasks.size();
  for (auto& task : tasks) {
    asio::co_spawn(executor, std::move(task), [latch](const std::exception_ptr&) {
      if (--latch->left == 0) latch->done.cancel();
    });
  }
  while (latch->left > 0) {
    co_await latch->done.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace plimsoll
