// Sensitivity, tried once each: rounds_max not looked at (StopsAfterEightRounds), `shrink` of 1.1
// (StopsWhenRoundsStopShrinking).
#include "move/precopy.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

constexpr std::uint64_t rate = 100 * mib;

PrecopyRound round_of(std::uint64_t bytes, std::optional<std::uint64_t> written = std::nullopt) {
  PrecopyRound round{.sent = Bytes{bytes},
                     .duration = Duration{static_cast<Duration::rep>(bytes * 1000 / rate)}};
  if (written) round.written_since = Bytes{*written};
  return round;
}

struct Case {
  const char* name;
  std::vector<PrecopyRound> rounds;
  bool another;
};

class Precopy : public testing::TestWithParam<Case> {};

TEST_P(Precopy, Decides) { EXPECT_EQ(another_round(GetParam().rounds), GetParam().another); }

INSTANTIATE_TEST_SUITE_P(
    Each, Precopy,
    testing::Values(Case{"TheFirstRoundIsAlwaysDone", {}, true},
                    Case{"ASecondOneShowsHowFastItChanges", {round_of(gib)}, true},
                    Case{"StopsWhenTheRestIsSmall", {round_of(gib), round_of(mib)}, false},
                    Case{"StopsWhenLittleIsThereAtAll", {round_of(20 * kib)}, false},
                    Case{"GoesOnWhileRoundsShrink", {round_of(gib), round_of(100 * mib)}, true},
                    Case{"StopsWhenRoundsStopShrinking",
                         {round_of(gib), round_of(100 * mib), round_of(95 * mib)},
                         false},
                    Case{"StopsAtOnceWhenItIsWrittenAsFastAsItIsSent", {round_of(gib, gib)}, false},
                    Case{"StopsWhenLittleWasWritten", {round_of(gib, mib / 2)}, false},
                    Case{"GoesOnWhenMuchWasWritten", {round_of(gib, 50 * mib)}, true},
                    Case{"StopsAfterEightRounds",
                         {round_of(256 * gib), round_of(128 * gib), round_of(64 * gib),
                          round_of(32 * gib), round_of(16 * gib), round_of(8 * gib),
                          round_of(4 * gib), round_of(2 * gib)},
                         false}),
    [](const auto& tested) { return std::string{tested.param.name}; });

TEST(FinalDelta, IsWhatWasWrittenAtTheRateSoFar) {
  const auto delta = expected_final_delta({round_of(gib), round_of(200 * mib, 50 * mib)});
  EXPECT_EQ(delta.bytes, Bytes{50 * mib});
  EXPECT_EQ(delta.duration, Duration{500});
}

TEST(FinalDelta, IsTheLastRoundWhereNothingElseIsKnown) {
  const auto delta = expected_final_delta({round_of(gib), round_of(100 * mib)});
  EXPECT_EQ(delta.bytes, Bytes{100 * mib});
  EXPECT_EQ(delta.duration, Duration{1'000});
  EXPECT_EQ(expected_final_delta({}).bytes, Bytes{});
}

}  // namespace
}  // namespace plimsoll
