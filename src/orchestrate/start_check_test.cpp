#include "orchestrate/start_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decide/decide.h"
#include "support/fleet_builder.h"
#include "support/random_fleet.h"

namespace plimsoll {
namespace {

using namespace test;
using testing::HasSubstr;

MoveRecord planned() {
  MoveRecord record;
  record.id = MoveId{"aaaaaaaaaaaa"};
  record.container = ContainerName{"web"};
  record.members.emplace_back().container = record.container;
  record.members[0].image = "sha256:web";
  record.from = HostId{"h1"};
  record.to = HostId{"h2"};
  record.reason = "h1 at 96 % CPU";
  return record;
}

HostBuilder giver() { return HostBuilder("h1").load(96).runs(ContainerBuilder("web").cpu(1)); }

std::string refusal(const FleetSnapshot& fleet, const MoveRecord& record = planned()) {
  return refusal_at_start(fleet, Policy{}, builder_now, record, Judgement::as_planned).value_or("");
}

TEST(StartCheck, WhatIsStillRightBegins) {
  EXPECT_EQ(refusal(FleetBuilder().host(giver()).host(HostBuilder("h2"))), "");
}

TEST(StartCheck, ItIsNotInItsOwnWay) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .host(giver())
                                  .host(HostBuilder("h2"))
                                  .under_way("web", "h1", "h2", {1, Bytes{8 * mib}, Bytes{}});
  EXPECT_EQ(refusal(fleet), "");
}

TEST(StartCheck, AFullDestinationSupersedesIt) {
  const auto fleet = FleetBuilder().host(giver()).host(HostBuilder("h2").load(70));
  EXPECT_THAT(refusal(fleet), HasSubstr("[cpu]: CPU would be at"));
}

TEST(StartCheck, WhatIsOnItsWayThereCounts) {
  auto fleet = FleetBuilder()
                   .host(giver())
                   .host(HostBuilder("h2"))
                   .host(HostBuilder("h3").runs(ContainerBuilder("db").set(
                       &ContainerState::memory_reservation, Bytes{7 * gib})))
                   .under_way("db", "h3", "h2", {0.1, Bytes{8 * mib}, Bytes{}})
                   .build();
  EXPECT_EQ(refusal(fleet), "");
  fleet.hosts[0].containers[0].memory_reservation = Bytes{2 * gib};
  EXPECT_THAT(refusal(fleet), HasSubstr("all reservations need 9.0 GiB"));
}

TEST(StartCheck, OldFiguresSupersedeIt) {
  EXPECT_THAT(refusal(FleetBuilder()
                          .host(giver().load(96, 30, 40, std::chrono::minutes{1}))
                          .host(HostBuilder("h2"))
                          .host(HostBuilder("h3"))
                          .host(HostBuilder("h4"))
                          .host(HostBuilder("h5"))),
              HasSubstr("h1: last heard 1 min 0 s ago"));
  EXPECT_THAT(refusal(FleetBuilder().host(giver()).host(HostBuilder("h2").silent())),
              HasSubstr("1 of 2 hosts are silent"));
}

TEST(StartCheck, AContainerThatChangedSupersedesIt) {
  EXPECT_THAT(refusal(FleetBuilder().host(HostBuilder("h1")).host(HostBuilder("h2"))),
              HasSubstr("no container 'web' there"));
  MoveRecord other = planned();
  other.members[0].image = "sha256:before";
  EXPECT_THAT(refusal(FleetBuilder().host(giver()).host(HostBuilder("h2")), other),
              HasSubstr("made anew from another image"));
}

TEST(StartCheck, APersonIsOnlyToldOfTheImpossible) {
  MoveRecord asked = planned();
  asked.reason = "asked for by hand; h2 was named";
  EXPECT_EQ(refusal(FleetBuilder().host(giver()).host(HostBuilder("h2").load(99)), asked), "");
  const auto taken = HostBuilder("h2").runs(ContainerBuilder("web"));
  EXPECT_THAT(refusal(FleetBuilder().host(giver()).host(taken), asked), HasSubstr("[name_taken]"));
}

TEST(StartCheck, AUnitIsJudgedMemberByMember) {
  MoveRecord unit = planned();
  unit.container = ContainerName{"shop"};
  unit.members.emplace_back().container = ContainerName{"db"};
  const auto member = [](const char* name) {
    return ContainerBuilder(name).cpu(1).label("plimsoll.group", "shop");
  };
  const auto shop = HostBuilder("h1").load(96).runs(member("web")).runs(member("db"));
  EXPECT_EQ(refusal(FleetBuilder().host(shop).host(HostBuilder("h2")), unit), "");
  const auto taken = HostBuilder("h2").runs(ContainerBuilder("db"));
  EXPECT_THAT(refusal(FleetBuilder().host(shop).host(taken), unit), HasSubstr("[name_taken]"));
}

TEST(StartCheck, OneOfSeveralMayPassItsTargetForAWhile) {
  const FleetSnapshot fleet = FleetBuilder().host(giver()).host(HostBuilder("h2").load(70));
  EXPECT_FALSE(
      refusal_at_start(fleet, Policy{}, builder_now, planned(), Judgement::impossible_only));
}

/// The check judges as the decision did, whatever detector made it.
TEST(StartCheck, WhatHasJustBeenDecidedMayBegin) {
  std::size_t checked = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = random_with_samples(random);
    const Plan plan = decide(fleet, Policy{}, builder_now);
    if (plan.moves.empty() || !plan.moves[0].unit.empty()) continue;
    MoveRecord record = planned();
    record.container = record.members[0].container = plan.moves[0].container;
    record.members[0].image.clear();
    record.from = plan.moves[0].from;
    record.to = plan.moves[0].to;
    ++checked;
    ASSERT_EQ(refusal(fleet, record), "") << "seed " << seed << ": " << plan.moves[0].reason;
  }
  EXPECT_GT(checked, 20U) << "the fleets are too tame to show anything";
}

}  // namespace
}  // namespace plimsoll
