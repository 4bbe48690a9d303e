#include "monitor/back_off.h"

#include <gtest/gtest.h>

#include <map>

namespace plimsoll {
namespace {

constexpr Duration interval{5'000};
constexpr Duration longest{30'000};

TEST(BackOff, AFewFailuresChangeNothing) {
  for (int failures = 0; failures < BackOff::patience; ++failures) {
    EXPECT_EQ(BackOff::intervals_to_skip(failures, interval, longest, 1), 0);
  }
}

/// Whatever the host: never longer than promised, so a recovery is seen by then.
TEST(BackOff, TheGapIsBounded) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (int failures = 0; failures < 1'000; ++failures) {
      const int skipped = BackOff::intervals_to_skip(failures, interval, longest, seed);
      EXPECT_GE(skipped, 0);
      EXPECT_LE(interval * (skipped + 1), longest) << failures << " failures";
    }
  }
}

TEST(BackOff, GrowsWithTheFailures) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_LE(BackOff::intervals_to_skip(3, interval, longest, seed), 1);
    EXPECT_GE(BackOff::intervals_to_skip(9, interval, longest, seed), 2);
  }
}

TEST(BackOff, AnIntervalLongerThanTheBoundIsNeverSkipped) {
  EXPECT_EQ(BackOff::intervals_to_skip(50, Duration{60'000}, longest, 7), 0);
  EXPECT_EQ(BackOff::intervals_to_skip(50, interval, Duration{0}, 7), 0);
}

TEST(BackOff, HostsThatFellTogetherAreNotAskedTogether) {
  std::map<int, int> hosts;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    ++hosts[BackOff::intervals_to_skip(20, Duration{1'000}, longest, seed)];
  }
  EXPECT_GT(hosts.size(), 10U);
  for (const auto& [skipped, count] : hosts) EXPECT_LT(count, 150) << skipped;
}

}  // namespace
}  // namespace plimsoll
