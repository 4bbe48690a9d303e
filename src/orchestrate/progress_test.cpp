#include "orchestrate/progress.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using namespace std::chrono_literals;
constexpr Bytes mib{1U << 20};

TEST(Progress, SaysBytesRateAndTimeLeft) {
  EXPECT_EQ(progress_text(Bytes{12 * count(mib)}, Bytes{22 * count(mib)}, 3s),
            "12 MiB of ~22 MiB, 4.0 MiB/s, 3 s left");
  EXPECT_EQ(progress_text(Bytes{}, Bytes{22 * count(mib)}, 1s), "0 B of ~22 MiB, 0 B/s");
  EXPECT_EQ(progress_text(Bytes{}, Bytes{}, 0s), "0 B");
}

TEST(Progress, PromisesNothingOncePastWhatWasExpected) {
  EXPECT_EQ(progress_text(Bytes{22 * count(mib)}, Bytes{22 * count(mib)}, 2s), "22 MiB, 11 MiB/s");
  EXPECT_EQ(progress_text(Bytes{30 * count(mib)}, Bytes{22 * count(mib)}, 2s), "30 MiB, 15 MiB/s");
}

TEST(Progress, EachActHasItsPartOfThePrediction) {
  MoveRecord record;
  record.predicted.bytes = Bytes{100};
  record.predicted.image_bytes = Bytes{70};
  EXPECT_EQ(expected_bytes(record, Act::stage_image), Bytes{70});
  EXPECT_EQ(expected_bytes(record, Act::precopy), Bytes{30});
  EXPECT_EQ(expected_bytes(record, Act::final_sync), Bytes{});
  record.predicted.image_bytes = Bytes{200};
  EXPECT_EQ(expected_bytes(record, Act::precopy), Bytes{});
}

}  // namespace
}  // namespace plimsoll
