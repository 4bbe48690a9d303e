#include "core/time.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(Time, Rfc3339GoesBothWays) {
  const auto time = parse_rfc3339("2026-11-22T12:34:56.250Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(format_rfc3339(*time), "2026-11-22T12:34:56.250Z");
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("1970-01-01T00:00:00Z")), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("2026-01-01T00:00:00.123456789Z")),
            "2026-01-01T00:00:00.123Z");
}

TEST(Time, Rfc3339RefusesWhatIsNotATime) {
  for (const char* text :
       {"", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z", "2026-13-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Time, AsctimeOfThePredecessor) {
  EXPECT_EQ(format_rfc3339(*parse_asctime("Fri Jul 28 19:17:04 2023")), "2023-07-28T19:17:04.000Z");
  EXPECT_EQ(format_rfc3339(*parse_asctime("Sat Jul  1 09:00:00 2023")), "2023-07-01T09:00:00.000Z");
  EXPECT_FALSE(parse_asctime("Fri Foo 28 19:17:04 2023"));
}

TEST(Time, DurationsNeedAUnit) {
  EXPECT_EQ(parse_duration("250ms").value(), Duration{250});
  EXPECT_EQ(parse_duration("1.5s").value(), Duration{1500});
  EXPECT_EQ(parse_duration("24h").value(), std::chrono::hours{24});
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5y", "99999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Time, DurationsForPeople) {
  EXPECT_EQ(format_duration(Duration{850}), "850 ms");
  EXPECT_EQ(format_duration(Duration{4200}), "4.2 s");
  EXPECT_EQ(format_duration(Duration{200'000}), "3 min 20 s");
  EXPECT_EQ(format_duration(std::chrono::hours{25}), "25 h 0 min");
}

}  // namespace
}  // namespace plimsoll
