#include "orchestrate/look_pace.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using std::chrono::seconds;

const std::set<HostId> h1{HostId{"h1"}};
const std::set<HostId> both{HostId{"h1"}, HostId{"h2"}};
const LookPace::Time begin{seconds{1'000}};

/// How long it rests after looking at some in vain so many times, as often as it may.
seconds pause_after(int looks, const std::set<HostId>& asked = h1) {
  LookPace pace;
  LookPace::Time now = begin;
  for (int i = 0; i < looks; ++i) {
    while (pace.rests(h1, now)) now += seconds{1};
    pace.looked(h1, true, now);
  }
  const LookPace::Time last = now;
  while (pace.rests(asked, now)) now += seconds{1};
  return std::chrono::duration_cast<seconds>(now - last);
}

TEST(LookPace, WhatIsLookedAtInVainIsLookedAtLessAndLess) {
  EXPECT_EQ(pause_after(0), seconds{0});
  EXPECT_EQ(pause_after(1), seconds{10});
  EXPECT_EQ(pause_after(2), seconds{20});
  EXPECT_EQ(pause_after(4), seconds{80});
  EXPECT_EQ(pause_after(9), seconds{80});
}

TEST(LookPace, AnotherHotHostNeedNotWaitForThem) { EXPECT_EQ(pause_after(9, both), seconds{10}); }

TEST(LookPace, AMoveOrCalmEndsIt) {
  LookPace pace;
  for (int i = 0; i < 5; ++i) pace.looked(h1, true, begin);
  pace.looked(h1, false, begin);
  EXPECT_FALSE(pace.rests(h1, begin));
  pace.looked(h1, true, begin);
  EXPECT_FALSE(pace.rests(h1, begin + seconds{10}));
  pace.none_is_hot();
  EXPECT_FALSE(pace.rests(h1, begin));
}

TEST(LookPace, ALookForAGiverAloneRestsToo) {
  LookPace pace;
  pace.looked({}, true, begin);
  EXPECT_TRUE(pace.rests({}, begin + seconds{9}));
  EXPECT_FALSE(pace.rests({}, begin + seconds{10}));
}

}  // namespace
}  // namespace plimsoll
