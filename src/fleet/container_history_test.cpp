#include "fleet/container_history.h"

#include <gtest/gtest.h>

#include "decide/spread.h"
#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using std::chrono::seconds;

const ContainerKey web{"h1", "web", "aaaaaaaaaaaa"};

ContainerSample sample(TimePoint time, double cores) { return {time, cores, Bytes{8 * mib}}; }

TEST(ContainerHistories, AskForThePastOnce) {
  const Policy policy;
  ContainerHistories histories;
  const auto missing = histories.missing(policy, builder_now);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->to, builder_now);
  EXPECT_EQ(missing->windows, 36);
  EXPECT_FALSE(histories.is_begun());
  histories.added_until(builder_now);
  EXPECT_FALSE(histories.missing(policy, builder_now + seconds{5}));
}

TEST(ContainerHistories, AskAgainAfterAGapAnotherWindowOrAWayBack) {
  Policy policy;
  const auto asks = [&](TimePoint now) {
    ContainerHistories histories;
    EXPECT_TRUE(histories.missing(Policy{}, builder_now));
    histories.added_until(builder_now);
    return histories.missing(policy, now).has_value();
  };
  EXPECT_FALSE(asks(builder_now + seconds{119}));
  EXPECT_TRUE(asks(builder_now + minutes{2}));
  EXPECT_TRUE(asks(builder_now - seconds{1}));
  policy.window = minutes{2};
  EXPECT_TRUE(asks(builder_now));
}

TEST(ContainerHistories, AWindowIsDueWhenItIsOver) {
  ContainerHistories histories;
  EXPECT_FALSE(histories.is_due(builder_now));
  ASSERT_TRUE(histories.missing(Policy{}, builder_now));
  histories.added_until(builder_now);
  EXPECT_FALSE(histories.is_due(builder_now + seconds{59}));
  EXPECT_TRUE(histories.is_due(builder_now + seconds{60}));
}

TEST(ContainerHistories, AreBounded) {
  ContainerHistories histories;
  ASSERT_TRUE(histories.missing(Policy{}, builder_now));
  histories.add({"h1", "gone", ""}, sample(builder_now, 1), 1);
  for (int i = 0; i < 100; ++i) {
    histories.add(web, sample(builder_now + i * minutes{1}, i), i);
    histories.added_until(builder_now + i * minutes{1});
  }
  EXPECT_EQ(histories.of(web).size(), spread_samples);
  EXPECT_EQ(histories.of(web).back().cpu_cores, 99);
  EXPECT_EQ(histories.of(web).front().cpu_cores, 64);
  EXPECT_EQ(histories.size(), 1U) << "who says nothing for so long is forgotten";
  EXPECT_TRUE(histories.of({"h1", "gone", ""}).empty());
}

TEST(ContainerHistories, AContainerThatMovedBringsItsOwn) {
  ContainerHistories histories;
  for (int i = 0; i < 10; ++i) {
    histories.add(web, sample(builder_now - (20 - i) * minutes{1}, 1 + i), 1);
  }
  FleetSnapshot fleet =
      FleetBuilder()
          .host(HostBuilder("h1"))
          .host(HostBuilder("h2").runs(ContainerBuilder("web")).runs(ContainerBuilder("other")))
          .moved("web", "h1", "h2", minutes{5});
  fleet.hosts[1].containers[0].samples = {sample(builder_now - minutes{2}, 50)};
  carry_histories(histories, &fleet);
  const auto& carried = fleet.hosts[1].containers[0].samples;
  ASSERT_EQ(carried.size(), 11U);
  EXPECT_EQ(carried.front().cpu_cores, 1);
  EXPECT_EQ(carried.back().cpu_cores, 50);
  EXPECT_TRUE(fleet.hosts[1].containers[1].samples.empty());
}

}  // namespace
}  // namespace plimsoll
