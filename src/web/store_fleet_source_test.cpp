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
  TimePoint now_{Duration{1'000'000}};
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

}  // namespace
}  // namespace plimsoll
