#include "monitor/clock_skew.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

const TimePoint noon = parse_rfc3339("2026-11-22T12:00:00Z").value();
const AskedAt asked{noon, noon + Duration{100}};

TEST(ClockSkew, AClockThatIsRight) {
  const auto skew = clock_skew(noon + Duration{50}, asked);
  EXPECT_DOUBLE_EQ(skew.ahead_s, 0);
  EXPECT_DOUBLE_EQ(skew.uncertainty_s, 0.05);
  EXPECT_FALSE(skew.is_beyond(clock_skew_warn_s));
}

TEST(ClockSkew, FortyNineSecondsEitherWay) {
  const auto ahead = clock_skew(noon + Duration{49'050}, asked);
  EXPECT_DOUBLE_EQ(ahead.ahead_s, 49);
  EXPECT_TRUE(ahead.is_beyond(clock_skew_warn_s));
  const auto behind = clock_skew(noon - Duration{48'950}, asked);
  EXPECT_DOUBLE_EQ(behind.ahead_s, -49);
  EXPECT_TRUE(behind.is_beyond(clock_skew_warn_s));
}

TEST(ClockSkew, ASlowAnswerProvesLess) {
  const AskedAt slow{noon, noon + Duration{2'000}};
  EXPECT_FALSE(clock_skew(noon + Duration{2'000}, slow).is_beyond(clock_skew_warn_s));
  EXPECT_TRUE(clock_skew(noon + Duration{2'600}, slow).is_beyond(clock_skew_warn_s));
}

TEST(ClockSkew, ASampleMayBeAsOldAsItsInterval) {
  HostReading reading;
  reading.interval = Duration{1'000};
  reading.sampled_at = noon - Duration{950};
  const auto skew = clock_skew(reading, asked);
  ASSERT_TRUE(skew);
  EXPECT_DOUBLE_EQ(skew->ahead_s, -0.5);
  EXPECT_DOUBLE_EQ(skew->uncertainty_s, 0.55);
  EXPECT_FALSE(skew->is_beyond(clock_skew_warn_s));
}

TEST(ClockSkew, WithoutATimeThereIsNone) { EXPECT_FALSE(clock_skew(HostReading{}, asked)); }

}  // namespace
}  // namespace plimsoll
