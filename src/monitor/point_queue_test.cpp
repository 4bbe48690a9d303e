#include "monitor/point_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;

std::vector<Point> numbered(int first, int last) {
  std::vector<Point> points;
  for (int i = first; i <= last; ++i) {
    points.push_back({"M", {}, {{"n", std::int64_t{i}}}, TimePoint{Duration{i}}});
  }
  return points;
}

class PointQueueTest : public testing::Test {
 protected:
  PointQueueTest() { config_.folder = temp_.path() / "spool"; }

  std::unique_ptr<PointQueue> make() {
    return std::make_unique<PointQueue>(context_.get_executor(), config_, [this] { return now_; });
  }
  std::vector<Point> take(PointQueue& queue, std::size_t count_max = 5'000) {
    queue.seal();
    return run_task(context_, queue.take(count_max));
  }
  void run(Task<> task) { run_task(context_, done(std::move(task))); }
  /// Whether a segment is on disk, while the executor runs.
  bool reaches_the_disk() {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < limit) {
      context_.restart();
      context_.run_for(std::chrono::milliseconds{5});
      std::error_code ignored;
      for (const auto& entry : std::filesystem::directory_iterator{config_.folder, ignored}) {
        if (segment_number(entry.path().filename().string())) return true;
      }
    }
    return false;
  }

  TempDir temp_;
  asio::io_context context_;
  PointQueueConfig config_;
  TimePoint now_{Duration{100'000}};

 private:
  static Task<bool> done(Task<> task) {
    co_await std::move(task);
    co_return true;
  }
};

TEST_F(PointQueueTest, GivesTheOldestFirst) {
  auto queue = make();
  queue->push(numbered(1, 3));
  queue->push(numbered(4, 5));
  EXPECT_EQ(queue->size(), 5U);
  EXPECT_EQ(take(*queue), numbered(1, 5));
  queue->push(numbered(6, 6));
  run(queue->acknowledge());
  EXPECT_EQ(queue->size(), 1U);
  EXPECT_EQ(take(*queue), numbered(6, 6));
}

TEST_F(PointQueueTest, ManyPointsAreGivenInBatches) {
  auto queue = make();
  queue->push(numbered(1, 12'000));
  std::vector<Point> all;
  for (auto part = take(*queue); !part.empty(); part = take(*queue)) {
    EXPECT_LE(part.size(), 5'000U);
    all.insert(all.end(), part.begin(), part.end());
    run(queue->acknowledge());
  }
  EXPECT_EQ(all, numbered(1, 12'000));
  EXPECT_TRUE(queue->empty());
}

TEST_F(PointQueueTest, WhatIsReleasedComesAgain) {
  auto queue = make();
  queue->push(numbered(1, 3));
  EXPECT_EQ(take(*queue), numbered(1, 3));
  run(queue->release());
  EXPECT_EQ(take(*queue), numbered(1, 3));
}

TEST_F(PointQueueTest, WhatIsPushedReachesTheDiskByItself) {
  auto queue = make();
  queue->push(numbered(1, 3));
  EXPECT_TRUE(reaches_the_disk());
  queue->push(numbered(4, 5));
  EXPECT_EQ(take(*queue), numbered(1, 5));
}

TEST_F(PointQueueTest, WhatIsLeftIsForTheNextOne) {
  {
    auto queue = make();
    queue->push(numbered(1, 3));
    queue->push(numbered(4, 4));
  }
  auto queue = make();
  EXPECT_EQ(take(*queue), numbered(1, 4));
  EXPECT_EQ(queue->counters().recovered, 4U);
  run(queue->acknowledge());
  EXPECT_TRUE(queue->empty());
  EXPECT_THAT(queue->describe(), HasSubstr(config_.folder.string()));
}

TEST_F(PointQueueTest, WithoutAFolderItKeepsThemInMemory) {
  config_.folder.clear();
  config_.limits.memory_bytes_max = 20'000;
  auto queue = make();
  queue->push(numbered(1, 50'000));
  run(queue->flush());
  EXPECT_EQ(queue->size() + queue->dropped(), 50'000U);
  EXPECT_GT(queue->dropped(), 0U);
  EXPECT_THAT(queue->describe(), HasSubstr("in memory"));
  const auto first = static_cast<int>(queue->dropped()) + 1;
  EXPECT_EQ(take(*queue, 1).front(), numbered(first, first).front());
}

TEST_F(PointQueueTest, AFolderInUseDoesNotStopIt) {
  auto first = make();
  first->push(numbered(1, 1));
  run(first->flush());
  auto second = make();
  second->push(numbered(2, 2));
  EXPECT_EQ(take(*second), numbered(2, 2));
  EXPECT_FALSE(second->counters().on_disk);
  EXPECT_TRUE(first->counters().on_disk);
}

TEST_F(PointQueueTest, OldPointsAreDroppedAndCounted) {
  config_.limits.age_max = Duration{50'000};
  auto queue = make();
  queue->push(numbered(1, 10));
  EXPECT_EQ(take(*queue).size(), 0U);
  EXPECT_EQ(queue->dropped(), 10U);
  EXPECT_TRUE(queue->empty());
}

}  // namespace
}  // namespace plimsoll
