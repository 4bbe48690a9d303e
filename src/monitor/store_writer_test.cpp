#include "monitor/store_writer.h"

#include <gtest/gtest.h>

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

  void push(int count) {
    for (int i = 1; i <= count; ++i) queue_.push({numbered(i)});
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
  PointQueue queue_{100};
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

TEST_F(StoreWriterTest, WaitsForAStoreThatIsAway) {
  store_.fail_with(Error{Errc::unreachable, "memory: away"});
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::closed, queue_};
  push(20);
  asio::steady_timer later{context_, std::chrono::milliseconds{30}};
  later.async_wait([&](auto) { store_.fail_with(std::nullopt); });
  run_until(writer, [&] { return writer.written() == 20; });
  EXPECT_EQ(store_.points().size(), 20U);
}

TEST_F(StoreWriterTest, ABatchThatIsRefusedForEverDoesNotBlock) {
  store_.fail_with(Error{Errc::refused, "memory: no"});
  StoreWriter writer{context_.get_executor(), config_, store_, StoreState::open, queue_};
  push(20);
  run_until(writer, [&] {
    if (writer.rejected() == 10) store_.fail_with(std::nullopt);
    return writer.written() == 10;
  });
  EXPECT_EQ(writer.rejected(), 10U);
  EXPECT_EQ(store_.points().size(), 10U);
}

}  // namespace
}  // namespace plimsoll
