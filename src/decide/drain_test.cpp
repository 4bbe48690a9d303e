#include "decide/drain.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "decide/render.h"
#include "support/fleet_builder.h"
#include "support/golden.h"

// Each rule was broken once by one line, to see that a test turns red: the silent fleet, the silent
// host, members that stay, the second attempt, the order.

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

Plan drain_h1(const FleetSnapshot& fleet, const Policy& policy = {}) {
  return plan_drain(fleet, policy, builder_now, HostId{"h1"});
}

std::vector<std::string> moves_of(const Plan& plan) {
  std::vector<std::string> moves;
  for (const Move& move : plan.moves) {
    moves.push_back(fmt::format("{}. {} {}->{}", move.order, move.container.str(), move.from.str(),
                                move.to.str()));
  }
  return moves;
}

ContainerBuilder of_shop(const std::string& name) {
  return ContainerBuilder(name).cpu(0.2).label("com.docker.compose.project", "shop");
}

/// What a real host has: some alone, a project, one that may not move, one that is stopped.
FleetBuilder usual() {
  return FleetBuilder()
      .host(HostBuilder("h1")
                .load(60)
                .runs(ContainerBuilder("api").cpu(1.2))
                .runs(ContainerBuilder("cron").cpu(0.05))
                .runs(of_shop("db"))
                .runs(of_shop("web"))
                .runs(ContainerBuilder("gpu").obstacle(&Obstacles::devices,
                                                       std::vector<std::string>{"/dev/dri"}))
                .runs(ContainerBuilder("job").set(&ContainerState::state, "exited")))
      .host(HostBuilder("h2").load(40))
      .host(HostBuilder("h3").load(50));
}

TEST(Drain, EverythingThatMayGoGoesTheLargestFirst) {
  const Plan plan = drain_h1(usual());
  EXPECT_THAT(moves_of(plan),
              ElementsAre("1. api h1->h2", "2. db h1->h3", "3. web h1->h3", "4. cron h1->h3"))
      << render_text(plan);
}

TEST(Drain, WhatStaysIsSaidWithItsReason) {
  const std::string text = render_text(drain_h1(usual()));
  EXPECT_EQ(text, golden_for("decide/drain.txt", text));
}

TEST(Drain, CoolDownsAndLimitsDoNotHold) {
  FleetBuilder fleet = usual();
  fleet.moved("api", "h4", "h1", minutes{2});
  for (int i = 0; i < 6; ++i) fleet.under_way(fmt::format("x{}", i), "h4", "h5", {});
  EXPECT_EQ(drain_h1(fleet).moves.size(), 4U);
}

TEST(Drain, WhatIsUnderWayIsNotPlannedAgain) {
  const Plan plan = drain_h1(usual().under_way("api", "h1", "h2", {1.2, Bytes{8 * mib}, {}}));
  EXPECT_THAT(render_text(plan), HasSubstr("api on h1 [under_way]"));
  EXPECT_EQ(plan.moves.size(), 3U);
}

TEST(Drain, NoHostIsLoadedPastItsTarget) {
  FleetBuilder fleet;
  HostBuilder full{"h1"};
  for (int i = 0; i < 10; ++i) full.runs(ContainerBuilder(fmt::format("c{}", i)).cpu(0.4));
  const Plan plan = drain_h1(
      fleet.host(full.load(70)).host(HostBuilder("h2").load(40)).host(HostBuilder("h3").load(50)));
  // 32 and 22 % are free, each container is 10 %.
  EXPECT_EQ(plan.moves.size(), 5U);
  EXPECT_THAT(render_text(plan), HasSubstr("[no_destination]: no host may take it: h2: CPU would"));
}

/// By balance alone the largest would go where only the other two fit together.
/// Their windows say 50 % still, but what landed ten seconds ago fills one of them.
TEST(Drain, WhatHasJustLandedIsSeen) {
  const FleetSnapshot fleet =
      FleetBuilder()
          .host(HostBuilder("h1").runs(ContainerBuilder("web").cpu(0.7)))
          .host(HostBuilder("h2").load(50).runs(ContainerBuilder("api").cpu(0.8)))
          .moved("api", "h1", "h2", seconds{10});
  const Plan plan = drain_h1(fleet);
  EXPECT_TRUE(plan.moves.empty()) << render_text(plan);
  EXPECT_THAT(render_text(plan), HasSubstr("no_destination"));
}

TEST(Drain, WhatHasJustLandedOnTheDrainedHostMayGoOn) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .host(HostBuilder("h1").runs(ContainerBuilder("web").cpu(0.7)))
                                  .host(HostBuilder("h2").load(20))
                                  .moved("web", "h3", "h1", seconds{10});
  EXPECT_THAT(moves_of(drain_h1(fleet)), ElementsAre("1. web h1->h2"));
}

TEST(Drain, LargeGapsAreKeptForWhatIsLarge) {
  const Plan plan = drain_h1(FleetBuilder()
                                 .host(HostBuilder("h1")
                                           .load(88)
                                           .runs(ContainerBuilder("a").cpu(39 / 25.0))
                                           .runs(ContainerBuilder("b").cpu(30 / 25.0))
                                           .runs(ContainerBuilder("c").cpu(19 / 25.0)))
                                 .host(HostBuilder("h2").load(32))
                                 .host(HostBuilder("h3").load(22)));
  EXPECT_THAT(moves_of(plan), ElementsAre("1. a h1->h2", "2. b h1->h3", "3. c h1->h3"));
}

TEST(Drain, ANeighbourMakesRoom) {
  const Plan plan =
      drain_h1(FleetBuilder()
                   .host(HostBuilder("h1").load(60).runs(ContainerBuilder("big").cpu(1.6)))
                   .host(HostBuilder("h2").load(50).runs(ContainerBuilder("small").cpu(0.8)))
                   .host(HostBuilder("h3").load(45)));
  EXPECT_THAT(moves_of(plan), ElementsAre("1. small h2->h3", "2. big h1->h2"));
}

TEST(Drain, OwnersLabelsHold) {
  const Plan plan = drain_h1(
      FleetBuilder()
          .host(HostBuilder("h1")
                    .runs(ContainerBuilder("a").label("plimsoll.move", "never"))
                    .runs(ContainerBuilder("b").label("plimsoll.pin", "h1"))
                    .runs(ContainerBuilder("c").label("plimsoll.quiet", "daily 00:00-24:00"))
                    .runs(ContainerBuilder("d").label("plimsoll.move", "ask")))
          .host(HostBuilder("h2")));
  EXPECT_THAT(moves_of(plan), ElementsAre("1. d h1->h2"));
  EXPECT_TRUE(plan.moves.at(0).ask);
  EXPECT_EQ(plan.rejected.size(), 3U);
}

TEST(Drain, ThePolicysQuietHoursAreAPersonsOwnBusiness) {
  Policy policy;
  policy.quiet = QuietHours::parse("daily 00:00-24:00").value();
  EXPECT_EQ(drain_h1(usual(), policy).moves.size(), 4U);
}

TEST(Drain, DrainedHostsReceiveNothing) {
  const Plan plan = drain_h1(FleetBuilder()
                                 .host(HostBuilder("h1").runs(ContainerBuilder("a")))
                                 .host(HostBuilder("h2").drained()));
  EXPECT_TRUE(plan.moves.empty());
  EXPECT_THAT(render_text(plan), HasSubstr("h2: it is drained"));
}

TEST(Drain, ItFailsClosed) {
  const auto says = [](const FleetSnapshot& fleet) {
    const Plan plan = drain_h1(fleet);
    EXPECT_TRUE(plan.moves.empty());
    return render_text(plan);
  };
  EXPECT_THAT(says({}), HasSubstr("the fleet has no hosts"));
  EXPECT_THAT(says(FleetBuilder().host(HostBuilder("h2"))),
              HasSubstr("h1 [unknown]: no host 'h1'"));
  EXPECT_THAT(says(usual().host(HostBuilder("h4").silent())), HasSubstr("[silent_fleet]"));
  FleetBuilder stale;
  stale.host(HostBuilder("h1").load(50, 30, 40, seconds{30}).runs(ContainerBuilder("a")));
  EXPECT_THAT(says(stale.host(HostBuilder("h2"))), HasSubstr("h1 [silent]: last heard 30.0 s ago"));
  EXPECT_THAT(says(FleetBuilder()
                       .host(HostBuilder("h1").set(&HostState::detailed, false))
                       .host(HostBuilder("h2"))),
              HasSubstr("h1 [not_read]"));
  EXPECT_THAT(says(FleetBuilder().host(HostBuilder("h1").runs(ContainerBuilder("a")))),
              HasSubstr("there is no other host"));
}

TEST(Drain, AnEmptyHostNeedsNothing) {
  const Plan plan = drain_h1(FleetBuilder().host(HostBuilder("h1")).host(HostBuilder("h2")));
  EXPECT_TRUE(plan.moves.empty());
  EXPECT_TRUE(plan.rejected.empty());
}

}  // namespace
}  // namespace plimsoll
