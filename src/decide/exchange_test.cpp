#include "decide/exchange.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "decide/decide.h"
#include "decide/render.h"
#include "decide/scalar.h"
#include "support/fleet_builder.h"

// Each rule was broken once by one line, to see that a test turns red: the room that is
// free after a leg, the line on the way, the target at the end, the bound on tries, the other's
// say.

namespace plimsoll {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> moves_of(const Plan& plan) {
  std::vector<std::string> moves;
  for (const Move& move : plan.moves) {
    moves.push_back(fmt::format("{}. {} {}->{}", move.order, move.container.str(), move.from.str(),
                                move.to.str()));
  }
  return moves;
}

/// 4 cores each, so 0.04 cores are a percent; target 72 %.
ContainerBuilder using_percent(const std::string& name, double percent) {
  return ContainerBuilder(name).cpu(percent / 25);
}

FleetBuilder chain_fleet() {
  return FleetBuilder()
      .host(HostBuilder("h1").load(90).runs(using_percent("big", 40)))
      .host(HostBuilder("h2").load(50).runs(using_percent("small", 20)))
      .host(HostBuilder("h3").load(45));
}

TEST(Exchange, AThirdHostMakesRoom) {
  const Plan plan = decide(chain_fleet(), Policy{}, builder_now);
  EXPECT_THAT(moves_of(plan), ElementsAre("1. small h2->h3", "2. big h1->h2")) << render_text(plan);
  ASSERT_EQ(plan.moves.size(), 2U);
  EXPECT_EQ(plan.moves[0].unit, "small, big");
  EXPECT_EQ(plan.moves[1].unit, "small, big");
  EXPECT_THAT(
      plan.moves[0].reason,
      HasSubstr("moving big takes it to 50.0 % CPU; no host has room for it as it is: small "
                "makes room on h2 first, by going to h3"));
}

/// mid fits nowhere until tiny has left h3.
FleetBuilder long_chain_fleet() {
  return FleetBuilder()
      .host(HostBuilder("h1").load(90).runs(using_percent("big", 40)))
      .host(HostBuilder("h2").load(50).runs(using_percent("mid", 25)))
      .host(HostBuilder("h3").load(55).runs(using_percent("tiny", 15)))
      .host(HostBuilder("h4").load(50));
}

TEST(Exchange, WhoMakesRoomMayNeedAThirdToo) {
  const Plan plan = decide(long_chain_fleet(), Policy{}, builder_now);
  EXPECT_THAT(moves_of(plan), ElementsAre("1. tiny h3->h4", "2. mid h2->h3", "3. big h1->h2"))
      << render_text(plan);
  ASSERT_EQ(plan.moves.size(), 3U);
  EXPECT_EQ(plan.moves[0].unit, "tiny, mid, big");
  EXPECT_THAT(plan.moves[0].reason, HasSubstr("tiny makes room on h3 first, by going to h4, mid "
                                              "makes room on h2 then, by going to h3"));
}

TEST(Exchange, ThreeAreNoLessThanThreeMoves) {
  Policy policy;
  policy.moves_in_fleet = 2;
  EXPECT_TRUE(decide(long_chain_fleet(), policy, builder_now).moves.empty());
}

TEST(Exchange, OneMoveThatFitsIsPreferred) {
  const FleetSnapshot fleet = chain_fleet().host(HostBuilder("h4").load(20));
  EXPECT_THAT(moves_of(decide(fleet, Policy{}, builder_now)), ElementsAre("0. big h1->h4"));
}

FleetBuilder swap_fleet(double big = 40, double on_h2 = 38) {
  return FleetBuilder()
      .host(HostBuilder("h1").load(90).runs(using_percent("big", big)))
      .host(HostBuilder("h2").load(on_h2).runs(using_percent("small", 12)));
}

TEST(Exchange, TwoChangePlaces) {
  const Plan plan = decide(swap_fleet(), Policy{}, builder_now);
  EXPECT_THAT(moves_of(plan), ElementsAre("1. big h1->h2", "2. small h2->h1")) << render_text(plan);
  ASSERT_EQ(plan.moves.size(), 2U);
  EXPECT_THAT(plan.moves[0].reason, HasSubstr("to 62.0 % CPU; no host has room for it as it is: "
                                              "small comes from h2 in its place"));
}

TEST(Exchange, NoHostPassesItsLineOnTheWay) {
  // Together 82 % until the other has left: within neither the target nor the line.
  EXPECT_TRUE(decide(swap_fleet(40, 42), Policy{}, builder_now).moves.empty());
}

TEST(Exchange, BothEndWithinTheirTargets) {
  // h1 would end at 90 - 29 + 12 %, one more than its target.
  EXPECT_TRUE(decide(swap_fleet(29, 50), Policy{}, builder_now).moves.empty());
}

TEST(Exchange, TheOtherOneHasASayToo) {
  const auto plan_with = [](const char* key, const char* value) {
    return decide(
        FleetBuilder()
            .host(HostBuilder("h1").load(90).runs(using_percent("big", 40)))
            .host(HostBuilder("h2").load(38).runs(using_percent("small", 12).label(key, value))),
        Policy{}, builder_now);
  };
  EXPECT_TRUE(plan_with("plimsoll.move", "never").moves.empty());
  EXPECT_TRUE(plan_with("plimsoll.pin", "h2").moves.empty());
  EXPECT_TRUE(plan_with("plimsoll.quiet", "daily 00:00-24:00").moves.empty());
  const Plan asking = plan_with("plimsoll.move", "ask");
  ASSERT_EQ(asking.moves.size(), 2U);
  EXPECT_TRUE(asking.moves[0].ask && asking.moves[1].ask);
}

TEST(Exchange, OneThatWasJustMovedIsLeftAlone) {
  EXPECT_TRUE(decide(swap_fleet().moved("small", "h3", "h2", std::chrono::minutes{5}), Policy{},
                     builder_now)
                  .moves.empty());
}

TEST(Exchange, ASearchIsBounded) {
  const FleetSnapshot fleet = swap_fleet();
  const Policy policy;
  Ledger ledger{fleet, policy, builder_now};
  const Traveller big = traveller(ledger, fleet.hosts[0].containers[0], 0);
  ExchangeBudget none{.tries = 0};
  EXPECT_FALSE(find_exchange(ledger, big, Occasion::by_itself, none));
  ExchangeBudget one{.tries = 1};
  EXPECT_TRUE(find_exchange(ledger, big, Occasion::by_itself, one));
  EXPECT_EQ(one.tries, 0);
}

TEST(Exchange, ASearchLeavesTheBooksAsTheyWere) {
  const FleetSnapshot fleet = chain_fleet();
  const Policy policy;
  Ledger ledger{fleet, policy, builder_now};
  const Traveller big = traveller(ledger, fleet.hosts[0].containers[0], 0);
  ExchangeBudget tries;
  ASSERT_TRUE(find_exchange(ledger, big, Occasion::by_itself, tries));
  const Ledger fresh{fleet, policy, builder_now};
  for (std::size_t host = 0; host < fleet.hosts.size(); ++host) {
    EXPECT_EQ(ledger.book(host).load, fresh.book(host).load);
    EXPECT_EQ(ledger.book(host).crowd, fresh.book(host).crowd);
    EXPECT_EQ(ledger.book(host).moves, 0);
  }
  EXPECT_EQ(ledger.moves(), 0);
}

}  // namespace
}  // namespace plimsoll
