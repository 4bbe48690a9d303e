#include "agent/probe_limit.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

struct ProbeLimitTest : testing::Test {
  Duration begin(const std::string& caller, const std::string& target) {
    const auto wait = limit.begin(caller, target, now);
    if (wait == Duration{0}) limit.end();
    return wait;
  }
  void pass(int ms) { now += Duration{ms}; }

  ProbeLimit limit{ProbeLimits{}};
  ProbeLimit::Clock::time_point now = ProbeLimit::Clock::now();
};

TEST_F(ProbeLimitTest, OneAtATime) {
  EXPECT_EQ(limit.begin("a", "x", now), Duration{0});
  pass(60'000);
  EXPECT_GT(limit.begin("b", "y", now), Duration{0});
  limit.end();
  EXPECT_EQ(limit.begin("b", "y", now), Duration{0});
}

TEST_F(ProbeLimitTest, OneASecondWhoeverAsks) {
  EXPECT_EQ(begin("a", "x"), Duration{0});
  EXPECT_EQ(begin("b", "y"), Duration{1'000});
  pass(999);
  EXPECT_EQ(begin("b", "y"), Duration{1});
  pass(1);
  EXPECT_EQ(begin("b", "y"), Duration{0});
}

TEST_F(ProbeLimitTest, ATargetIsLeftAloneForAWhile) {
  EXPECT_EQ(begin("a", "x"), Duration{0});
  pass(2'000);
  EXPECT_EQ(begin("b", "x"), Duration{3'000});
  EXPECT_EQ(begin("b", "y"), Duration{0});
  pass(3'000);
  EXPECT_EQ(begin("b", "x"), Duration{0});
}

TEST_F(ProbeLimitTest, AGreedyCallerLeavesRoomForOthers) {
  int done = 0;
  for (int i = 0; i < 121; ++i, pass(1'000)) {
    if (begin("greedy", std::to_string(i)) == Duration{0}) ++done;
  }
  // Twenty ahead, and one in three seconds.
  EXPECT_EQ(done, 60);
  EXPECT_GT(begin("greedy", "z"), Duration{0});
  EXPECT_EQ(begin("other", "z"), Duration{0});
}

TEST_F(ProbeLimitTest, ARefusalCostsNothing) {
  EXPECT_EQ(begin("a", "x"), Duration{0});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(begin("a", "y"), Duration{1'000});
  pass(1'000);
  EXPECT_EQ(begin("a", "y"), Duration{0});
}

}  // namespace
}  // namespace plimsoll
