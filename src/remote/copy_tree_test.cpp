#include "remote/copy_tree.h"

#include <gtest/gtest.h>

#include "support/run_task.h"

namespace plimsoll {
namespace {

struct PumpTest : testing::Test {
  asio::io_context context;
  ChildProcess child(const std::string& script) {
    return ChildProcess::spawn(context.get_executor(), {"sh", "-c", script}).value();
  }
  Result<Bytes> run(const std::string& from, const std::string& to, Duration stall) {
    auto source = child(from);
    auto destination = child(to);
    return run_task(context, pump(&source, &destination, stall, {}));
  }
};

TEST_F(PumpTest, EverythingPasses) {
  const auto passed = run("head -c 3000000 /dev/zero", "test $(wc -c) = 3000000", Duration{20'000});
  ASSERT_TRUE(passed) << passed.error().message;
  EXPECT_EQ(*passed, Bytes{3'000'000});
}

TEST_F(PumpTest, TheSideThatFailedIsNamed) {
  const auto source = run("echo oops >&2; exit 2", "cat >/dev/null", Duration{20'000});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().message, "source: copying data ended with code 2: oops");
  const auto full = run("cat /dev/zero", "echo No space left >&2; exit 1", Duration{20'000});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().message, "destination: copying data ended with code 1: No space left");
}

TEST_F(PumpTest, AStallIsFound) {
  const auto source = run("echo start; exec sleep 1000", "cat >/dev/null", Duration{100});
  EXPECT_EQ(source.error().code, Errc::timeout);
  const auto destination = run("cat /dev/zero", "exec sleep 1000", Duration{100});
  EXPECT_EQ(destination.error().code, Errc::timeout);
  const auto ending = run("echo x", "cat >/dev/null; exec sleep 1000", Duration{100});
  EXPECT_EQ(ending.error().code, Errc::timeout);
}

}  // namespace
}  // namespace plimsoll
