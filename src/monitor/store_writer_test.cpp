#include "monitor/store_writer.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "runtime/deadline.h"
#include "store/memory_store.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

Point numbered(int i) {
  return {"M", {{"host", "h1"}}, {{"n", std::int64_t{i}}}, TimePoint{Duration{i}}};
}

class StoreWriterTest : public testing::Test {
 protected:
  StoreWriterTest() {
    config_.batch_points_max = 10;
    config_.batch_every = Duration{1};
    config_.retry_first = Duration{1};
    config_.retry_max = Duration{2};
  }

  void push(int count, int first = 1) {
    for (int i = first; i < first + count; ++i) queue_.push({numbered(i)});
  }
  /// Runs the writer until `done`, then stops it and waits for its end.
  template <class Done>
  void run_until(StoreWriter& writer, Done done) {
    bool ended = false;
    asio::co_spawn(context_, writer.run(), [&](const std::exception_ptr&) { ended = true; });
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!done() && std::chrono::steady_clock::now() < limit) {
      context_.run_one_for(std::chrono::milliseconds{100});
    }
    writer.stop();
    while (!ended && std::chrono::steady_clock::now() < limit) {
      context_.run_one_for(std::chrono::milliseconds{100});
    }
    EXPECT_TRUE(ended);
  }

  asio::io_context context_;
  MonitorConfig config_;
  MemoryStore store_;
  PointQueue queue_{context_.get_executor(), {}};
};

TEST_F(StoreWriterTest, WritesInBatches) {
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::open, queue_};
  push(25);
  run_until(writer, [&] { return writer.written() == 25; });
  EXPECT_EQ(store_.points().size(), 25U);
}

TEST_F(StoreWriterTest, StoppingWritesWhatIsLeft) {
  config_.batch_every = std::chrono::hours{1};
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::open, queue_};
  push(5);
  run_until(writer, [] { return true; });
  EXPECT_EQ(store_.points().size(), 5U);
}

TEST_F(StoreWriterTest, AFullBatchDoesNotWait) {
  config_.batch_every = std::chrono::hours{1};
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::open, queue_};
  asio::post(context_, [&] {
    push(10);
    writer.pushed();
  });
  run_until(writer, [&] { return writer.written() == 10; });
  EXPECT_EQ(writer.written(), 10U);
}

TEST_F(StoreWriterTest, AHeldStoreIsLeftAlone) {
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::open, queue_};
  writer.hold();
  push(25);
  int rounds = 0;
  run_until(writer, [&] {
    // Many of the writer's rounds: each is a step or two.
    if (++rounds == 50) {
      EXPECT_TRUE(store_.points().empty());
      writer.let_go();
    }
    return writer.written() == 25;
  });
  EXPECT_EQ(store_.points().size(), 25U);
}

TEST_F(StoreWriterTest, AStoreThatIsHeldToTheEndIsNotTouchedThen) {
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::open, queue_};
  writer.hold();
  push(5);
  run_until(writer, [] { return true; });
  EXPECT_TRUE(store_.points().empty());
  EXPECT_EQ(queue_.size(), 5U);
}

TEST_F(StoreWriterTest, WaitsForAStoreThatIsAway) {
  store_.fail_with(Error{Errc::unreachable, "memory: away"});
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::closed, queue_};
  push(20);
  asio::steady_timer later{context_, std::chrono::milliseconds{30}};
  later.async_wait([&](auto) { store_.fail_with(std::nullopt); });
  run_until(writer, [&] { return writer.written() == 20; });
  EXPECT_EQ(store_.points().size(), 20U);
}

/// Refuses whole batches for the sake of some points, or all of them.
class PickyStore final : public MemoryStore {
 public:
  Task<Result<WriteReport>> write(std::vector<Point> points) override {
    ++writes;
    const bool bad = refuses_all || std::any_of(points.begin(), points.end(), [&](const auto& p) {
                       return refused.contains(p.time.time_since_epoch().count());
                     });
    if (bad) co_return Error{Errc::refused, "picky: no"};
    auto report = co_await MemoryStore::write(std::move(points));
    co_return report;
  }
  std::set<Duration::rep> refused;
  bool refuses_all = false;
  int writes = 0;
};

TEST_F(StoreWriterTest, OnlyThePointsThatAreRefusedAreDropped) {
  PickyStore store;
  store.refused = {3, 4, 17};
  StoreWriter writer{context_.get_executor(), config_, store, StoreState::open, queue_};
  push(25);
  run_until(writer, [&] { return writer.rejected() == 3 && queue_.empty(); });
  EXPECT_EQ(store.points().size(), 22U);
  EXPECT_EQ(queue_.dropped(), 0U);
}

TEST_F(StoreWriterTest, ABatchOfBadPointsDoesNotBlock) {
  PickyStore store;
  for (int n = 1; n <= 40; ++n) store.refused.insert(n);
  config_.batch_points_max = 40;
  StoreWriter writer{context_.get_executor(), config_, store, StoreState::open, queue_};
  push(40);
  queue_.seal();
  push(60, 41);
  run_until(writer, [&] { return writer.rejected() == 40 && queue_.empty(); });
  EXPECT_EQ(store.points().size(), 60U);
}

TEST_F(StoreWriterTest, AStoreThatRefusesEverythingIsWaitedOut) {
  PickyStore store;
  store.refuses_all = true;
  StoreWriter writer{context_.get_executor(), config_, store, StoreState::open, queue_};
  push(20);
  queue_.seal();
  push(20, 21);
  run_until(writer, [&] {
    if (store.writes > 300) store.refuses_all = false;
    return queue_.empty();
  });
  EXPECT_EQ(writer.rejected(), 0U);
  EXPECT_EQ(store.points().size(), 40U);
}

TEST_F(StoreWriterTest, WhatTheStoreDoesNotTakeAtTheEndStaysInTheQueue) {
  store_.fail_with(Error{Errc::io, "memory: the disk is full"});
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::open, queue_};
  push(20);
  run_until(writer, [&] { return writer.away(); });
  EXPECT_EQ(queue_.size(), 20U);
  EXPECT_EQ(queue_.counters().delivered, 0U);
}

/// Takes some, drops the first of each batch.
class DroppingStore final : public MemoryStore {
 public:
  Task<Result<WriteReport>> write(std::vector<Point> points) override {
    const auto count = points.size();
    auto report = co_await MemoryStore::write(std::move(points));
    report->written = count - 1;
    report->rejected = 1;
    report->problems = {"n"};
    ++writes;
    co_return report;
  }
  std::size_t writes = 0;
};

std::size_t lines_with(const std::string& log, const std::string& text) {
  std::size_t count = 0;
  for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
  return count;
}

TEST_F(StoreWriterTest, PointsThatAreRefusedAllTheTimeAreToldOfNowAndThen) {
  DroppingStore store;
  StoreWriter writer{context_.get_executor(), config_, store, StoreState::open, queue_};
  for (int batch = 0; batch < 20; ++batch) {
    push(10, 1 + 10 * batch);
    queue_.seal();
  }
  testing::internal::CaptureStderr();
  run_until(writer, [&] { return queue_.empty(); });
  const auto log = testing::internal::GetCapturedStderr();
  ASSERT_GT(store.writes, 5U);
  EXPECT_EQ(writer.rejected(), store.writes);
  // At once, and the rest at the end.
  EXPECT_EQ(lines_with(log, "refused for good"), 2U) << log;
}

/// So slow that more is pushed than it takes: no round ends.
class SlowStore final : public MemoryStore {
 public:
  Task<Result<WriteReport>> write(std::vector<Point> points) override {
    meanwhile();
    auto report = co_await MemoryStore::write(std::move(points));
    co_return report;
  }
  std::function<void()> meanwhile;
};

TEST_F(StoreWriterTest, LossesAreToldOfWhileTheStoreIsMerelySlow) {
  PointQueueConfig small;
  small.limits.memory_bytes_max = 20'000;
  PointQueue queue{context_.get_executor(), small};
  SlowStore store;
  int next = 0;
  int rounds = 0;
  const auto more = [&] {
    for (const int end = next + 20'000; next < end; ++next) queue.push({numbered(next)});
    queue.seal();
  };
  more();
  StoreWriter writer{context_.get_executor(), config_, store, StoreState::open, queue};
  std::string log;
  testing::internal::CaptureStderr();
  store.meanwhile = [&] {
    ++rounds;
    if (rounds < 4) more();
    if (rounds == 4) log = testing::internal::GetCapturedStderr();
  };
  run_until(writer, [&] { return rounds >= 4; });
  ASSERT_GE(rounds, 4);
  EXPECT_EQ(lines_with(log, "points were dropped"), 1U) << log;
}

}  // namespace
}  // namespace plimsoll
