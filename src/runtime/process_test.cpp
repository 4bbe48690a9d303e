#include "runtime/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "support/run_task.h"

namespace plimsoll {
namespace {

Result<ProcessResult> run(std::vector<std::string> argv, ProcessOptions options = {}) {
  asio::io_context context;
  return run_task(context, run_process(std::move(argv), std::move(options)));
}

TEST(Process, CollectsWhatItPrints) {
  const auto result = run({"sh", "-c", "cat; echo oops >&2; exit 3"}, {.input = "hello"});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->out, "hello");
  EXPECT_EQ(result->err, "oops\n");
}

TEST(Process, NoShellTouchesTheWords) {
  EXPECT_EQ(run({"printf", "%s", "$(id) ; a b"})->out, "$(id) ; a b");
}

TEST(Process, FailuresAreTold) {
  EXPECT_EQ(run({"no-such-program-of-ours"}).error().code, Errc::not_found);
  EXPECT_EQ(run({"cat", "/dev/zero"}, {.output_bytes_max = 1000}).error().code, Errc::too_large);
  const auto late = run({"sh", "-c", "sleep 1000 & wait"}, {.timeout = Duration{50}});
  EXPECT_EQ(late.error().code, Errc::timeout);
  EXPECT_EQ(run({"sh", "-c", "kill -TERM $$"})->exit_code, 128 + SIGTERM);
}

TEST(Process, BigInputAndOutputDoNotLockUp) {
  const std::string input(5U << 20, 'x');
  EXPECT_EQ(run({"cat"}, {.input = input})->out, input);
  EXPECT_EQ(run({"true"}, {.input = input})->exit_code, 0);
}

TEST(Process, DestroyingAChildEndsIt) {
  asio::io_context context;
  int pid = 0;
  {
    auto child = ChildProcess::spawn(context.get_executor(), {"sleep", "1000"});
    ASSERT_TRUE(child);
    pid = child->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace plimsoll
