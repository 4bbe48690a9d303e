#include "spool/segment_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/simulated_disk.h"

namespace plimsoll {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// A record of `points` points at a time, with a payload that tells its name.
PackedPoints record(const std::string& name, std::uint32_t points = 1, int at_ms = 0) {
  const TimePoint at{Duration{at_ms}};
  return {name + std::string(100, '.'), points, at, at};
}

class SegmentLogTest : public testing::Test {
 protected:
  SegmentLogTest() { limits_.segment_bytes = 400; }

  /// A program that begins with what is in the folder.
  SegmentLog begin() {
    SegmentLog log{fs_, limits_};
    found_ = log.recover().value();
    return log;
  }
  static std::string next(SegmentLog& log) {
    const auto given = log.next(1'000);
    return given ? given->bytes.substr(0, given->bytes.find('.')) : "";
  }
  void append(SegmentLog& log, const std::vector<std::string>& names) {
    for (const auto& name : names) ASSERT_TRUE(log.append(record(name)));
  }

  test::SimulatedDisk disk_{1};
  test::SimulatedFs fs_{disk_};
  SpoolLimits limits_;
  SpoolRecovery found_;
};

TEST_F(SegmentLogTest, GivesWhatWasAppendedInOrder) {
  auto log = begin();
  append(log, {"a", "b", "c", "d", "e"});
  EXPECT_GT(log.segments(), 1U);
  for (const char* name : {"a", "b", "c", "d", "e", ""}) EXPECT_EQ(next(log), name);
  append(log, {"f"});
  EXPECT_EQ(next(log), "f");
  EXPECT_EQ(log.acknowledge(), 6U);
}

TEST_F(SegmentLogTest, WhatIsAcknowledgedIsForgottenOnDiskToo) {
  auto log = begin();
  append(log, {"a", "b", "c", "d"});
  EXPECT_EQ(next(log), "a");
  EXPECT_EQ(next(log), "b");
  EXPECT_EQ(next(log), "c");
  EXPECT_GT(log.acknowledge(), 0U);
  EXPECT_EQ(disk_.files.count(segment_name(1)), 0U);
  auto again = begin();
  EXPECT_EQ(found_.points, 1U);
  EXPECT_EQ(next(again), "d");
}

TEST_F(SegmentLogTest, AtTheEndNothingIsLeftOfWhatIsAcknowledged) {
  auto log = begin();
  append(log, {"a", "b"});
  EXPECT_EQ(next(log), "a");
  EXPECT_EQ(log.acknowledge(), 1U);
  log.close();
  EXPECT_EQ(disk_.files.count(segment_name(1)), 1U);
  EXPECT_EQ(next(log), "b");
  log.close();
  EXPECT_EQ(disk_.files.count(segment_name(1)), 1U);
  EXPECT_EQ(log.acknowledge(), 1U);
  EXPECT_EQ(disk_.files.size(), 1U);
  auto again = begin();
  append(again, {"c"});
  EXPECT_EQ(next(again), "c");
}

TEST_F(SegmentLogTest, WhatIsReleasedIsGivenAgain) {
  auto log = begin();
  append(log, {"a", "b", "c", "d"});
  next(log);
  EXPECT_GT(log.acknowledge(), 0U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(next(log), "b");
    EXPECT_EQ(next(log), "c");
    EXPECT_EQ(log.release(), 0U);
  }
  EXPECT_EQ(log.unread(), 3U);
}

TEST_F(SegmentLogTest, ARecordThatIsTooLargeWaits) {
  auto log = begin();
  ASSERT_TRUE(log.append(record("a", 10)));
  EXPECT_FALSE(log.next(9));
  EXPECT_EQ(log.unread(), 10U);
  EXPECT_TRUE(log.next(10));
}

TEST_F(SegmentLogTest, EachProgramWritesToSegmentsOfItsOwn) {
  auto first = begin();
  append(first, {"a"});
  auto second = begin();
  append(second, {"b"});
  EXPECT_EQ(disk_.files.size(), 2U);
  EXPECT_EQ(next(second), "a");
  EXPECT_EQ(next(second), "b");
}

TEST_F(SegmentLogTest, TheOldestIsDroppedForWantOfRoom) {
  limits_.bytes_max = 1'200;
  auto log = begin();
  std::uint64_t dropped = 0;
  for (int i = 0; i < 50; ++i) {
    append(log, {std::to_string(i)});
    dropped += log.enforce(TimePoint{});
    EXPECT_LE(log.bytes(), limits_.bytes_max);
    EXPECT_TRUE(i < 11 || log.bytes() > limits_.bytes_max - 2 * limits_.segment_bytes);
  }
  EXPECT_EQ(next(log), std::to_string(dropped));
  EXPECT_EQ(dropped + log.unread() + 1, 50U);
}

TEST_F(SegmentLogTest, WhatIsTooOldIsDropped) {
  limits_.age_max = Duration{1'000};
  auto log = begin();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(log.append(record(std::to_string(i), 1, i * 100)));
  const auto dropped = log.enforce(TimePoint{Duration{2'500}});
  EXPECT_GE(dropped, 13U);
  EXPECT_LE(dropped, 15U);
  EXPECT_EQ(log.enforce(TimePoint{Duration{9'000}}), 20 - dropped);
  append(log, {"young"});
  EXPECT_EQ(next(log), "young");
}

TEST_F(SegmentLogTest, WhatIsDroppedOnItsWayIsCountedWhenItFails) {
  limits_.bytes_max = 500;
  auto log = begin();
  append(log, {"a", "b"});
  EXPECT_EQ(next(log), "a");
  append(log, {"c", "d", "e"});
  EXPECT_EQ(log.enforce(TimePoint{}), 2U);
  EXPECT_EQ(log.release(), 1U);
  EXPECT_EQ(next(log), "d");
}

TEST_F(SegmentLogTest, WhatIsDroppedOnItsWayMayStillArrive) {
  limits_.bytes_max = 500;
  auto log = begin();
  append(log, {"a", "b"});
  EXPECT_EQ(next(log), "a");
  append(log, {"c", "d", "e"});
  EXPECT_EQ(log.enforce(TimePoint{}), 2U);
  EXPECT_EQ(log.acknowledge(), 1U);
  EXPECT_EQ(next(log), "d");
}

TEST_F(SegmentLogTest, AFullDiskCostsNothingThatWasWritten) {
  auto log = begin();
  append(log, {"a"});
  disk_.set_full(true);
  EXPECT_FALSE(log.append(record("b")));
  EXPECT_FALSE(log.append(record("b")));
  disk_.set_full(false);
  append(log, {"b", "c"});
  for (const char* name : {"a", "b", "c", ""}) EXPECT_EQ(next(log), name);
  EXPECT_GT(log.acknowledge(), 0U);
  EXPECT_TRUE(begin().take_notes().empty());
  EXPECT_EQ(found_.points, 0U);
}

TEST_F(SegmentLogTest, DamageAtTheStartIsToldWithTheFilesName) {
  auto log = begin();
  append(log, {"a", "b", "c", "d"});
  disk_.files[segment_name(1)].bytes[segment_header_bytes + 60] ^= 1;
  disk_.files["notes.txt"].bytes = "buy milk";
  auto again = begin();
  EXPECT_EQ(found_.points, 3U);
  EXPECT_EQ(found_.damaged, 1U);
  EXPECT_THAT(found_.notes, Contains(HasSubstr("spool/00000000000000000001.spool: damaged (149 B "
                                               "at byte 28); 1 points of it are lost")));
  EXPECT_THAT(found_.notes, Contains(HasSubstr("spool/notes.txt: is no file of the spool")));
  EXPECT_EQ(next(again), "b");
}

TEST_F(SegmentLogTest, WhatIsCutOffIsKnownFromTheNextSegment) {
  auto log = begin();
  append(log, {"a", "b", "c", "d"});
  auto& bytes = disk_.files[segment_name(1)].bytes;
  bytes.resize(segment_header_bytes + record_header_bytes + 101);
  begin();
  EXPECT_EQ(found_.points, 2U);
  EXPECT_EQ(found_.damaged, 2U);
}

TEST_F(SegmentLogTest, DamageThatComesLaterIsCounted) {
  auto log = begin();
  append(log, {"a", "b", "c", "d"});
  disk_.files.erase(segment_name(1));
  EXPECT_EQ(next(log), "d");
  EXPECT_EQ(log.damaged(), 3U);
  EXPECT_THAT(log.take_notes(), Contains(HasSubstr("00001.spool: 3 points are lost")));
  append(log, {"e"});
  EXPECT_EQ(next(log), "e");
}

TEST_F(SegmentLogTest, AMissingOrBadCursorOnlyRepeats) {
  auto log = begin();
  append(log, {"a", "b"});
  next(log);
  EXPECT_GT(log.acknowledge(), 0U);
  disk_.files["cursor"].bytes[20] ^= 4;
  auto again = begin();
  EXPECT_THAT(found_.notes, Contains(HasSubstr("spool/cursor: is damaged")));
  EXPECT_EQ(next(again), "a");
  disk_.files.erase("cursor");
  begin();
  EXPECT_EQ(found_.points, 2U);
}

TEST_F(SegmentLogTest, KnowsSinceWhenTheStoreIsBehind) {
  auto log = begin();
  EXPECT_EQ(log.oldest(), std::nullopt);
  ASSERT_TRUE(log.append(record("a", 1, 100)));
  ASSERT_TRUE(log.append(record("b", 1, 200)));
  EXPECT_EQ(log.oldest(), TimePoint{Duration{100}});
  next(log);
  EXPECT_GT(log.acknowledge(), 0U);
  EXPECT_EQ(log.oldest(), TimePoint{Duration{100}});
  ASSERT_TRUE(log.append(record("c", 1, 300)));
  next(log);
  EXPECT_GT(log.acknowledge(), 0U);
  EXPECT_EQ(log.oldest(), TimePoint{Duration{200}});
}

TEST_F(SegmentLogTest, WhatIsSyncedOutlastsThePower) {
  auto log = begin();
  append(log, {"a", "b", "c", "d", "e"});
  ASSERT_TRUE(log.sync());
  append(log, {"f"});
  disk_.fail_power();
  begin();
  EXPECT_GE(found_.points, 5U);
}

}  // namespace
}  // namespace plimsoll
