#include "web/store_fleet_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_store.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

class StoreFleetSourceTest : public testing::Test {
 protected:
  std::string json() {
    auto result = run_task(context_, source_.fleet_json());
    return result ? *result : result.error().message;
  }

  asio::io_context context_;
  MemoryStore store_;
  TimePoint now_{Duration{10'000'000}};
  int asked_ = 0;
  StoreFleetSource source_{store_,
                           [this] {
                             ++asked_;
                             Host host;
                             host.name = HostId{"h1"};
                             return HostList{host};
                           },
                           Policy{}, [this] { return now_; }};
};

TEST_F(StoreFleetSourceTest, ShowsTheHostsInForce) {
  EXPECT_THAT(json(), testing::HasSubstr("\"name\":\"h1\""));
}

TEST_F(StoreFleetSourceTest, ASecondsWorthOfCallersShareAnAnswer) {
  const std::string first = json();
  now_ += Duration{999};
  EXPECT_EQ(json(), first);
  EXPECT_EQ(asked_, 1);
  now_ += Duration{1};
  EXPECT_NE(json(), first);
  EXPECT_EQ(asked_, 2);
}

TEST_F(StoreFleetSourceTest, AFailureIsNotKept) {
  store_.fail_with(Error{Errc::unreachable, "memory: away"});
  EXPECT_EQ(json(), "memory: away");
  store_.fail_with(std::nullopt);
  EXPECT_THAT(json(), testing::HasSubstr("h1"));
}

/// Answers when it is told to.
class HeldStore final : public MemoryStore {
 public:
  explicit HeldStore(asio::io_context& context)
      : held_(context, asio::steady_timer::time_point::max()) {}
  Task<Result<std::vector<Series>>> range(RangeQuery query) override {
    ++ranges;
    co_await held_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return co_await MemoryStore::range(std::move(query));
  }
  void go_on() { held_.expires_at(asio::steady_timer::time_point::min()); }
  int ranges = 0;

 private:
  asio::steady_timer held_;
};

TEST_F(StoreFleetSourceTest, WhoAsksMeanwhileWaitsForTheSameAnswer) {
  HeldStore store{context_};
  StoreFleetSource source{store, [] { return HostList{}; }, Policy{}, [this] { return now_; }};
  std::vector<std::string> answers;
  const auto ask = [&] {
    asio::co_spawn(context_, source.fleet_json(),
                   [&](const std::exception_ptr&, const Result<std::string>& answer) {
                     answers.push_back(answer ? *answer : answer.error().message);
                   });
  };
  for (int i = 0; i < 3; ++i) ask();
  context_.poll();
  EXPECT_EQ(store.ranges, 1);
  store.go_on();
  context_.run();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0], answers[1]);
  EXPECT_EQ(answers[1], answers[2]);
  EXPECT_THAT(answers[0], testing::HasSubstr("hosts"));
  EXPECT_EQ(store.ranges, 3);  // the rows of hosts, the means of containers, and those of before
}

}  // namespace
}  // namespace plimsoll
