#include "monitor/schedule.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace plimsoll {
namespace {

using Clock = Schedule::Clock;

Clock::time_point at(std::int64_t ms) { return Clock::time_point{Duration{ms}}; }

TEST(Schedule, PollsOnceInEveryInterval) {
  const Schedule schedule{HostId{"h1"}, Duration{5'000}};
  const auto first = schedule.next(at(1'000'000));
  EXPECT_GT(first, at(1'000'000));
  EXPECT_LE(first, at(1'005'000));
  EXPECT_EQ(schedule.next(first), first + Duration{5'000});
}

TEST(Schedule, ALatePollKeepsItsPlace) {
  const Schedule schedule{HostId{"h1"}, Duration{5'000}};
  const auto first = schedule.next(at(1'000'000));
  EXPECT_EQ(schedule.next(first + Duration{12'345}), first + Duration{15'000});
}

TEST(Schedule, AHostAddedAnewKeepsItsPlace) {
  const auto before = Schedule{HostId{"h1"}, Duration{5'000}}.next(at(1'000'000));
  const auto after = Schedule{HostId{"h1"}, Duration{5'000}}.next(at(2'002'222));
  EXPECT_EQ((after - before) % Clock::duration{Duration{5'000}}, Clock::duration{0});
}

TEST(Schedule, SpreadsHostsOverTheInterval) {
  std::set<std::int64_t> tenths;
  for (int i = 0; i < 200; ++i) {
    const Schedule schedule{HostId{"host-" + std::to_string(i)}, Duration{5'000}};
    tenths.insert((schedule.next(at(1'000'000)) - at(1'000'000)) / Duration{500});
  }
  EXPECT_GE(tenths.size(), 10U);
}

}  // namespace
}  // namespace plimsoll
