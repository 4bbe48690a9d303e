#include "simulate/pace.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Pace, ShortStepsLeaveThePolicysOwnTimes) {
  const Policy given;
  const Policy policy = paced(given, {}, seconds{5});
  EXPECT_EQ(policy.window, given.window);
  EXPECT_EQ(policy.container_cooldown, given.container_cooldown);
  EXPECT_EQ(policy.cooldown_max, given.cooldown_max);
  EXPECT_EQ(policy.return_after, given.return_after);
  EXPECT_EQ(policy.horizon, given.horizon);
}

TEST(Pace, LongStepsStretchThemToSoManySteps) {
  const Policy policy = paced({}, {}, minutes{5});
  EXPECT_EQ(policy.sample_every, minutes{5});
  EXPECT_EQ(policy.evaluate_every, minutes{5});
  EXPECT_EQ(policy.window, minutes{15});
  EXPECT_EQ(policy.container_cooldown, minutes{30});
  EXPECT_EQ(policy.host_cooldown, minutes{5});
  EXPECT_EQ(policy.horizon, minutes{15});
  EXPECT_EQ(policy.return_after, hours{1});
  EXPECT_TRUE(check(policy).empty());
}

TEST(Pace, ATimeThatIsMeantStands) {
  Policy given;
  given.window = seconds{10};
  given.container_cooldown = minutes{1};
  const Pace pace{.window = 0, .container_cooldown = 0};
  const Policy policy = paced(given, pace, minutes{5});
  EXPECT_EQ(policy.window, minutes{5}) << "less than a step holds no sample";
  EXPECT_EQ(policy.container_cooldown, minutes{1});
  EXPECT_EQ(policy.host_cooldown, minutes{5});
}

TEST(Pace, AnyStepGivesAPolicyThatHolds) {
  for (const Duration step : {Duration{1}, Duration{seconds{1}}, Duration{hours{24 * 30}}}) {
    EXPECT_TRUE(check(paced({}, {}, step)).empty()) << step.count() << " ms";
  }
}

TEST(StepLength, IsNotKnownBeforeTheSecondStep) {
  StepLength length;
  EXPECT_FALSE(length.length());
  length.note(TimePoint{seconds{100}});
  EXPECT_FALSE(length.length());
  length.note(TimePoint{seconds{400}});
  EXPECT_EQ(length.length(), seconds{300});
}

TEST(StepLength, AStepLeftOutOrLateChangesNothing) {
  StepLength length;
  for (const int at : {0, 300, 600, 2400, 2700, 3005, 3300}) {
    length.note(TimePoint{seconds{at}});
  }
  EXPECT_EQ(length.length(), seconds{300});
}

TEST(StepLength, FollowsADifferentPace) {
  StepLength length;
  TimePoint at{};
  for (int i = 0; i < 20; ++i) length.note(at += seconds{300});
  for (int i = 0; i < 5; ++i) length.note(at += seconds{10});
  EXPECT_EQ(length.length(), seconds{10});
}

}  // namespace
}  // namespace plimsoll
