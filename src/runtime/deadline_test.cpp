#include "runtime/deadline.h"

#include <gtest/gtest.h>

#include "support/run_task.h"

namespace plimsoll {
namespace {

Task<Result<int>> answer(Duration after, Result<int> value) {
  const bool slept = co_await sleep_for(after);
  if (!slept) co_return Error{Errc::cancelled, "cancelled"};
  co_return value;
}

TEST(Deadline, GivesTheResultOrTimesOut) {
  asio::io_context context;
  EXPECT_EQ(run_task(context, with_deadline(answer(Duration{0}, 7), Duration{60'000}, "x")).value(),
            7);
  const auto late =
      run_task(context, with_deadline(answer(Duration{60'000}, 7), Duration{1}, "asking h1"));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::timeout);
  EXPECT_EQ(late.error().message, "asking h1: no answer in 1 ms");
}

TEST(Deadline, AFailureComesAtOnce) {
  asio::io_context context;
  const Result<int> failure{Error{Errc::refused, "no"}};
  const auto result =
      run_task(context, with_deadline(answer(Duration{0}, failure), Duration{50'000}, "x"));
  EXPECT_EQ(result.error().code, Errc::refused);
}

TEST(Deadline, BlockingWorkComesBackToItsExecutor) {
  asio::io_context context;
  asio::thread_pool pool{1};
  const auto here = std::this_thread::get_id();
  struct Check {
    static Task<bool> run(asio::thread_pool* pool, std::thread::id home) {
      auto asking = run_blocking(*pool, &std::this_thread::get_id);
      const auto there = co_await std::move(asking);
      const bool here_again = std::this_thread::get_id() == home;
      co_return there != home&& here_again;
    }
  };
  EXPECT_TRUE(run_task(context, Check::run(&pool, here)));
}

}  // namespace
}  // namespace plimsoll
