#include "spool/recovery_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/simulated_disk.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint64_t> numbers(const RecoveryPlan& plan) {
  std::vector<std::uint64_t> numbers;
  for (const auto& segment : plan.segments) numbers.push_back(segment.number);
  return numbers;
}

TEST(RecoveryPlan, AnEmptyFolderBeginsAtOne) {
  const auto plan = plan_recovery({}, std::nullopt);
  EXPECT_THAT(plan.segments, IsEmpty());
  EXPECT_EQ(plan.next_number, 1U);
}

TEST(RecoveryPlan, ReadsFromTheCursorOnOldestFirst) {
  const auto plan = plan_recovery(
      {{segment_name(9), 10}, {segment_name(7), 10}, {segment_name(8), 10}, {"cursor", 28}},
      SpoolCursor{8, 33});
  EXPECT_THAT(numbers(plan), ElementsAre(8, 9));
  EXPECT_EQ(plan.segments[0].from_point, 33U);
  EXPECT_EQ(plan.segments[1].from_point, 0U);
  EXPECT_THAT(plan.remove, ElementsAre(segment_name(7)));
  EXPECT_EQ(plan.next_number, 10U);
}

TEST(RecoveryPlan, WithoutACursorEverythingIsRead) {
  const auto plan = plan_recovery({{segment_name(9), 10}, {segment_name(7), 10}}, std::nullopt);
  EXPECT_THAT(numbers(plan), ElementsAre(7, 9));
  EXPECT_THAT(plan.remove, IsEmpty());
}

TEST(RecoveryPlan, ACursorAheadOfTheDataIsNeverReached) {
  const auto plan = plan_recovery({{segment_name(3), 10}}, SpoolCursor{12, 5});
  EXPECT_THAT(plan.segments, IsEmpty());
  EXPECT_EQ(plan.next_number, 13U);
}

TEST(RecoveryPlan, LeavesWhatIsNotOurs) {
  const auto plan = plan_recovery(
      {{"notes.txt", 5}, {"1.spool", 5}, {"cursor.new", 3}, {segment_name(2), 0}}, std::nullopt);
  EXPECT_THAT(plan.foreign, ElementsAre("1.spool", "notes.txt"));
  EXPECT_THAT(plan.remove, ElementsAre("cursor.new", segment_name(2)));
  EXPECT_EQ(plan.next_number, 3U);
}

class SegmentScanTest : public testing::Test {
 protected:
  /// A segment of three records with 1, 2 and 3 points.
  SegmentScanTest() {
    bytes_ = encode_segment_header({1, 77});
    std::uint64_t point = 0;
    for (std::uint32_t count = 1; count <= 3; ++count) {
      starts_.push_back(bytes_.size());
      const TimePoint at{Duration{count * 100}};
      bytes_ += encode_record({std::string(70'000, 'r'), count, at, at}, point);
      point += count;
    }
  }

  SegmentScan scan(std::uint64_t from_point = 0) {
    disk_.files[segment_name(1)].bytes = bytes_;
    return scan_segment(fs_, {1, bytes_.size(), from_point}).value();
  }

  test::SimulatedDisk disk_{1};
  test::SimulatedFs fs_{disk_};
  std::string bytes_;
  std::vector<std::size_t> starts_;
};

TEST_F(SegmentScanTest, CountsWhatIsWhole) {
  const auto found = scan();
  EXPECT_EQ(found.points, 6U);
  EXPECT_EQ(found.points_known, 6U);
  EXPECT_EQ(found.points_before, 77U);
  EXPECT_EQ(found.resume_offset, starts_[0]);
  EXPECT_EQ(found.oldest, TimePoint{Duration{100}});
  EXPECT_EQ(found.newest, TimePoint{Duration{300}});
  EXPECT_THAT(found.damage, IsEmpty());
}

TEST_F(SegmentScanTest, BeginsBehindWhatTheStoreHas) {
  const auto found = scan(1);
  EXPECT_EQ(found.points, 5U);
  EXPECT_EQ(found.resume_offset, starts_[1]);
}

TEST_F(SegmentScanTest, ABadPayloadCostsItsRecord) {
  bytes_[starts_[1] + record_header_bytes + 5] ^= 1;
  const auto found = scan();
  EXPECT_EQ(found.points, 4U);
  EXPECT_EQ(found.points_known, 6U);
  ASSERT_EQ(found.damage.size(), 1U);
  EXPECT_EQ(found.damage[0].offset, starts_[1]);
  EXPECT_EQ(found.damage[0].bytes, starts_[2] - starts_[1]);
}

TEST_F(SegmentScanTest, ABadHeaderCostsItsRecord) {
  bytes_[starts_[1] + 9] ^= 1;
  const auto found = scan();
  EXPECT_EQ(found.points, 4U);
  EXPECT_EQ(found.points_known, 6U);
  ASSERT_EQ(found.damage.size(), 1U);
  EXPECT_EQ(found.damage[0].bytes, starts_[2] - starts_[1]);
}

TEST_F(SegmentScanTest, ATornEndIsCountedWhereItsHeaderIsWhole) {
  bytes_.resize(starts_[2] + record_header_bytes + 3);
  const auto found = scan();
  EXPECT_EQ(found.points, 3U);
  EXPECT_EQ(found.points_known, 6U);
}

TEST_F(SegmentScanTest, ZerosAtTheEndAreDamage) {
  bytes_.append(200'000, '\0');
  const auto found = scan();
  EXPECT_EQ(found.points, 6U);
  ASSERT_EQ(found.damage.size(), 1U);
  EXPECT_EQ(found.damage[0].bytes, 200'000U);
}

TEST_F(SegmentScanTest, ABadSegmentHeaderCostsNothing) {
  bytes_[3] ^= 1;
  const auto found = scan();
  EXPECT_EQ(found.points, 6U);
  EXPECT_EQ(found.damage.size(), 1U);
}

TEST_F(SegmentScanTest, SomethingElseHasNoPoints) {
  bytes_ = "#!/bin/sh\necho PSR1 PSR1 PSR1\n";
  EXPECT_EQ(scan().points, 0U);
  bytes_ = "x";
  EXPECT_EQ(scan().points, 0U);
}

}  // namespace
}  // namespace plimsoll
