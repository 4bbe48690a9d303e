#include "spool/spool_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/simulated_disk.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Point numbered(int n) { return {"M", {}, {{"n", std::int64_t{n}}}, TimePoint{Duration{n}}}; }

std::vector<int> numbers(const std::vector<Point>& points) {
  std::vector<int> numbers;
  for (const auto& point : points) {
    numbers.push_back(static_cast<int>(std::get<std::int64_t>(point.fields.front().second)));
  }
  return numbers;
}

class SpoolQueueTest : public testing::Test {
 protected:
  SpoolQueue queue() {
    return SpoolQueue{[this]() -> Result<std::unique_ptr<SpoolFs>> {
                        if (locked_) return Error{Errc::conflict, "spool: is in use"};
                        return std::make_unique<test::SimulatedFs>(disk_);
                      },
                      limits_};
  }
  SpoolQueue in_memory() { return SpoolQueue{{}, limits_}; }
  /// A record of the numbers from `first` to `last`.
  void push(SpoolQueue& queue, int first, int last) {
    PointPacker packer;
    for (int n = first; n <= last; ++n) packer.add(numbered(n));
    std::vector<PackedPoints> records;
    records.push_back(packer.take());
    queue.append(std::move(records), now_);
  }

  test::SimulatedDisk disk_{1};
  SpoolLimits limits_;
  TimePoint now_{Duration{1'000}};
  bool locked_ = false;
};

TEST_F(SpoolQueueTest, GivesWholeRecordsOldestFirst) {
  for (const bool on_disk : {true, false}) {
    auto queue = on_disk ? this->queue() : in_memory();
    push(queue, 1, 3);
    push(queue, 4, 5);
    push(queue, 6, 6);
    EXPECT_THAT(numbers(queue.take(4)), ElementsAre(1, 2, 3));
    EXPECT_THAT(numbers(queue.take(3)), ElementsAre(4, 5, 6));
    EXPECT_THAT(queue.take(9), IsEmpty());
    queue.acknowledge();
    EXPECT_EQ(queue.counters().delivered, 6U);
    EXPECT_EQ(queue.counters().waiting, 0U);
  }
}

TEST_F(SpoolQueueTest, WhatIsReleasedComesAgainInOrder) {
  for (const bool on_disk : {true, false}) {
    auto queue = on_disk ? this->queue() : in_memory();
    push(queue, 1, 2);
    push(queue, 3, 4);
    EXPECT_THAT(numbers(queue.take(4)), ElementsAre(1, 2, 3, 4));
    push(queue, 5, 5);
    queue.release();
    EXPECT_THAT(numbers(queue.take(9)), ElementsAre(1, 2, 3, 4, 5));
    queue.acknowledge();
  }
}

TEST_F(SpoolQueueTest, ARecordLargerThanABatchIsGivenAlone) {
  auto queue = this->queue();
  push(queue, 1, 5);
  push(queue, 6, 6);
  EXPECT_THAT(numbers(queue.take(2)), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(SpoolQueueTest, MemoryIsBounded) {
  limits_.memory_bytes_max = 2'000;
  auto queue = in_memory();
  for (int n = 1; n <= 500; ++n) push(queue, n, n);
  const auto counted = queue.counters();
  EXPECT_LE(counted.memory_bytes, 2'000U);
  EXPECT_EQ(counted.dropped + counted.waiting, 500U);
  EXPECT_FALSE(counted.on_disk);
  EXPECT_EQ(numbers(queue.take(1)).front(), static_cast<int>(counted.dropped) + 1);
}

TEST_F(SpoolQueueTest, AFullDiskIsMadeUpForInOrder) {
  auto queue = this->queue();
  push(queue, 1, 1);
  disk_.set_full(true);
  push(queue, 2, 2);
  push(queue, 3, 3);
  EXPECT_FALSE(queue.counters().on_disk);
  EXPECT_THAT(queue.take_notes(), ElementsAre(HasSubstr("No space left on device; points wait")));
  disk_.set_full(false);
  now_ += Duration{2'000};
  push(queue, 4, 4);
  EXPECT_TRUE(queue.counters().on_disk);
  EXPECT_EQ(queue.counters().memory_bytes, 0U);
  EXPECT_THAT(queue.take_notes(), ElementsAre(HasSubstr("takes points again")));
  EXPECT_THAT(numbers(queue.take(9)), ElementsAre(1, 2, 3, 4));
}

TEST_F(SpoolQueueTest, AFullDiskHoldsUpNothing) {
  auto queue = this->queue();
  push(queue, 1, 1);
  disk_.set_full(true);
  push(queue, 2, 2);
  EXPECT_THAT(numbers(queue.take(9)), ElementsAre(1, 2));
  push(queue, 3, 3);
  queue.acknowledge();
  EXPECT_THAT(numbers(queue.take(9)), ElementsAre(3));
  queue.acknowledge();
  EXPECT_EQ(queue.counters().delivered, 3U);
}

TEST_F(SpoolQueueTest, AFolderThatCannotBeHadIsTriedAgain) {
  locked_ = true;
  auto queue = this->queue();
  push(queue, 1, 1);
  EXPECT_THAT(queue.take_notes(),
              ElementsAre(HasSubstr("spool: is in use; points wait in memory")));
  locked_ = false;
  now_ += Duration{11'000};
  push(queue, 2, 2);
  EXPECT_TRUE(queue.counters().on_disk);
  EXPECT_EQ(disk_.files.size(), 1U);
}

TEST_F(SpoolQueueTest, TheNextProgramTakesOver) {
  {
    auto queue = this->queue();
    push(queue, 1, 2);
    push(queue, 3, 4);
    EXPECT_THAT(numbers(queue.take(2)), ElementsAre(1, 2));
    queue.acknowledge();
    queue.close(now_);
  }
  auto queue = this->queue();
  queue.start(now_);
  EXPECT_EQ(queue.counters().recovered, 2U);
  EXPECT_THAT(numbers(queue.take(9)), ElementsAre(3, 4));
}

TEST_F(SpoolQueueTest, APayloadOfAnotherVersionIsPassedOver) {
  auto queue = this->queue();
  queue.append({{"\x09not ours", 5, now_, now_}}, now_);
  push(queue, 1, 1);
  EXPECT_THAT(numbers(queue.take(9)), ElementsAre(1));
  queue.acknowledge();
  EXPECT_EQ(queue.counters().damaged, 5U);
  EXPECT_EQ(queue.counters().delivered, 1U);
  EXPECT_THAT(queue.take_notes(), ElementsAre(HasSubstr("5 points of the spool are lost")));
}

TEST_F(SpoolQueueTest, SyncsOnlyWhatTheStoreIsBehindWith) {
  auto queue = this->queue();
  push(queue, 1'000, 1'000);
  const auto synced = [&] {
    queue.maintain(now_);
    return disk_.files.begin()->second.synced;
  };
  EXPECT_EQ(synced(), 0U);
  now_ += Duration{5'000};
  const auto first = synced();
  EXPECT_GT(first, 0U);
  push(queue, 2'000, 2'000);
  now_ += Duration{500};
  EXPECT_EQ(synced(), first);
  now_ += Duration{600};
  EXPECT_GT(synced(), first);
}

TEST_F(SpoolQueueTest, AClockThatIsSetBackHoldsUpNothing) {
  auto queue = this->queue();
  disk_.set_full(true);
  push(queue, 1, 1);
  disk_.set_full(false);
  now_ -= std::chrono::hours{5};
  push(queue, 2, 2);
  EXPECT_TRUE(queue.counters().on_disk);
}

}  // namespace
}  // namespace plimsoll
