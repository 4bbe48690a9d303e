#include "decide/ledger.h"

#include <gmock/gmock.h>

#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Demand one_core{1.0, Bytes{gib}, Bytes{10 * gib}};

TEST(Ledger, LandsWhatIsUnderWay) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .host(HostBuilder("h1").load(90, 50, 40))
                                  .host(HostBuilder("h2").load(20, 30, 40))
                                  .under_way("web", "h1", "h2", one_core);
  const Policy policy;
  const Ledger ledger{fleet, policy, builder_now};
  EXPECT_EQ(ledger.moves(), 1);
  EXPECT_DOUBLE_EQ(*ledger.book(0).load.cpu, 65);
  EXPECT_DOUBLE_EQ(*ledger.book(0).load.memory, 37.5);
  EXPECT_DOUBLE_EQ(*ledger.book(0).load.storage, 40) << "what was moved stays for the retention";
  EXPECT_DOUBLE_EQ(*ledger.book(1).crowd.cpu, 45);
  EXPECT_DOUBLE_EQ(*ledger.book(1).crowd.storage, 50);
  EXPECT_EQ(ledger.book(1).incoming, Bytes{10 * gib});
  EXPECT_TRUE(ledger.is_under_way(ContainerName{"web"}, 0));
  EXPECT_FALSE(ledger.is_under_way(ContainerName{"db"}, 0));
}

TEST(Ledger, NothingIsTakenOffAReceiverBeforeItLeft) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .host(HostBuilder("h1").load(90))
                                  .host(HostBuilder("h2"))
                                  .under_way("web", "h1", "h2", one_core);
  const Policy policy;
  const Ledger ledger{fleet, policy, builder_now};
  EXPECT_DOUBLE_EQ(*ledger.book(0).crowd.cpu, 90);
}

TEST(Ledger, StrikeUndoesTheNewest) {
  const FleetSnapshot fleet =
      FleetBuilder().host(HostBuilder("h1").load(90)).host(HostBuilder("h2"));
  const Policy policy;
  Ledger ledger{fleet, policy, builder_now};
  ledger.enter({.from = 0, .to = 1, .arrival = {ContainerName{"a"}, {}, {}}, .demand = one_core});
  ledger.enter({.from = 0, .to = 1, .arrival = {ContainerName{"b"}, {}, {}}, .demand = one_core});
  EXPECT_DOUBLE_EQ(*ledger.book(0).load.cpu, 40);
  EXPECT_EQ(ledger.book(1).arriving.size(), 2U);
  ledger.strike(1);
  EXPECT_DOUBLE_EQ(*ledger.book(0).load.cpu, 65);
  EXPECT_EQ(ledger.moves(), 1);
  ledger.strike(5);
  EXPECT_DOUBLE_EQ(*ledger.book(0).load.cpu, 90);
  EXPECT_TRUE(ledger.book(1).arriving.empty());
  EXPECT_EQ(ledger.moves(), 0);
}

TEST(Ledger, AReceiverIsTakenAtItsHigherFigure) {
  const FleetSnapshot fleet = FleetBuilder().host(
      HostBuilder("h1").newest_cpu({0, 0, 0, 60, 60, 60, 60, 60, 60, 60, 60, 60}));
  const Policy policy;
  const Ledger ledger{fleet, policy, builder_now};
  EXPECT_DOUBLE_EQ(*ledger.book(0).load.cpu, 45);
  EXPECT_DOUBLE_EQ(*ledger.book(0).crowd.cpu, 60);
}

TEST(Ledger, LinksAreDirectedAndTheRestIsAssumed) {
  FleetSnapshot fleet = FleetBuilder()
                            .host(HostBuilder("h1"))
                            .host(HostBuilder("h2"))
                            .link("h1", "h2", 112e6, 0.002)
                            .link("h1", "elsewhere", 1);
  const Policy policy;
  const Ledger ledger{fleet, policy, builder_now};
  EXPECT_EQ(ledger.way(0, 1).bytes_per_s, 112e6);
  EXPECT_TRUE(ledger.way(0, 1).measured);
  EXPECT_EQ(ledger.way(1, 0).bytes_per_s, policy.assumed_bytes_per_s);
  EXPECT_FALSE(ledger.way(1, 0).measured);
}

TEST(Ledger, KnowsWhetherAnImageIsElsewhere) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .host(HostBuilder("h1").has_image("a").has_image("b"))
                                  .host(HostBuilder("h2").has_image("b"));
  const Policy policy;
  Ledger ledger{fleet, policy, builder_now};
  EXPECT_FALSE(ledger.has_image_elsewhere("a", 0));
  EXPECT_TRUE(ledger.has_image_elsewhere("a", 1));
  EXPECT_TRUE(ledger.has_image_elsewhere("b", 0));
  EXPECT_FALSE(ledger.has_image_elsewhere("c", 0));
}

TEST(MoveHistory, FollowsAContainerBackwards) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .moved("web", "h1", "h2", minutes{40})
                                  .moved("web", "h2", "h3", minutes{20})
                                  .moved("web", "h3", "h1", minutes{10}, false)
                                  .moved("web", "h8", "h9", minutes{5});
  const MoveHistory history{fleet, Policy{}, builder_now};
  const MoveMemory memory = history.of(ContainerName{"web"}, HostId{"h3"});
  EXPECT_EQ(memory.attempts, 3);
  EXPECT_EQ(memory.last, builder_now - minutes{10});
  EXPECT_THAT(memory.left, testing::ElementsAre(HostId{"h2"}, HostId{"h1"}));
  EXPECT_EQ(history.of(ContainerName{"web"}, HostId{"h9"}).attempts, 1);
  EXPECT_EQ(history.of(ContainerName{"web"}, HostId{"h5"}).attempts, 0);
}

TEST(MoveHistory, ForgetsWhatIsLongAgo) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .moved("web", "h1", "h2", std::chrono::hours{7})
                                  .moved("web", "h2", "h3", std::chrono::hours{2});
  const MoveMemory memory =
      MoveHistory{fleet, Policy{}, builder_now}.of(ContainerName{"web"}, HostId{"h3"});
  EXPECT_EQ(memory.attempts, 1);
  EXPECT_TRUE(memory.left.empty()) << "left more than an hour ago: it may go back";
}

TEST(MoveHistory, TheCooldownDoublesUpToItsLimit) {
  const Policy policy;
  const auto left = [&](int attempts) {
    return cooldown_left({attempts, builder_now - minutes{1}, {}}, policy, builder_now);
  };
  EXPECT_EQ(left(1), minutes{9});
  EXPECT_EQ(left(2), minutes{19});
  EXPECT_EQ(left(3), minutes{39});
  EXPECT_EQ(left(1000), minutes{359});
  EXPECT_EQ(cooldown_left({}, policy, builder_now), Duration{0});
  EXPECT_EQ(cooldown_left({1, builder_now - minutes{11}, {}}, policy, builder_now), Duration{0});
}

}  // namespace
}  // namespace plimsoll
