#include "decide/rebalance.h"

#include <gmock/gmock.h>

#include "decide/decide.h"
#include "decide/render.h"
#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

Policy switched_on() {
  Policy policy;
  policy.rebalance = true;
  return policy;
}

ContainerBuilder cores(const std::string& name, double cpu) {
  return ContainerBuilder(name).cpu(cpu);
}

/// Two hosts that are well filled and a new one.
FleetBuilder with_new_host() {
  return FleetBuilder()
      .host(HostBuilder("h1").load(68, 20, 20).runs(cores("a", 0.8)).runs(cores("b", 1.6)))
      .host(HostBuilder("h2").load(60, 20, 20).runs(cores("c", 1.2)))
      .host(HostBuilder("new").load(3, 5, 5));
}

Plan planned(const FleetSnapshot& fleet, const Policy& policy = switched_on()) {
  return decide(fleet, policy, builder_now);
}

TEST(Rebalance, IsOffUnlessAskedFor) {
  EXPECT_TRUE(planned(with_new_host(), Policy{}).moves.empty());
}

TEST(Rebalance, OneMoveFromTheFullestToTheNewOne) {
  const Plan plan = planned(with_new_host());
  ASSERT_EQ(plan.moves.size(), 1U) << render_text(plan);
  EXPECT_EQ(plan.moves[0].container, ContainerName{"b"});
  EXPECT_EQ(plan.moves[0].to, HostId{"new"});
  EXPECT_THAT(plan.moves[0].reason, HasSubstr("new runs nothing yet, and h1 is at 0.85 of its "
                                              "line: with b there they are at 0.54 and 0.35"));
}

TEST(Rebalance, AHostOnWhichSomethingRunsIsNotNew) {
  EXPECT_TRUE(planned(FleetBuilder()
                          .host(HostBuilder("h1").load(68).runs(cores("a", 1)))
                          .host(HostBuilder("h2").load(3).runs(cores("b", 0.01))))
                  .moves.empty());
}

TEST(Rebalance, ANewHostGoesOnBeingFilled) {
  const Plan plan = planned(FleetBuilder()
                                .host(HostBuilder("h1").load(68, 20, 20).runs(cores("a", 0.8)))
                                .host(HostBuilder("h2").load(66, 20, 20).runs(cores("c", 0.8)))
                                .host(HostBuilder("new").load(20, 5, 5).runs(cores("b", 0.8)))
                                .moved("b", "h1", "new", minutes{30}));
  ASSERT_EQ(plan.moves.size(), 1U) << render_text(plan);
  EXPECT_EQ(plan.moves[0].to, HostId{"new"});
  EXPECT_THAT(plan.moves[0].reason, HasSubstr("new runs only what was moved there yet"));
}

TEST(Rebalance, WhereTheFullestCannotGiveTheNextOneDoes) {
  const Plan plan = planned(
      FleetBuilder()
          .host(HostBuilder("h1").load(70, 20, 20).runs(cores("a", 1).label("plimsoll.pin", "h1")))
          .host(HostBuilder("h2").load(60, 20, 20).runs(cores("c", 1)))
          .host(HostBuilder("new").load(3, 5, 5)));
  ASSERT_EQ(plan.moves.size(), 1U) << render_text(plan);
  EXPECT_EQ(plan.moves[0].container, ContainerName{"c"});
}

TEST(Rebalance, NothingForNoGain) {
  // The new host would be as full as the old one is.
  EXPECT_TRUE(planned(FleetBuilder()
                          .host(HostBuilder("h1").load(68).runs(cores("a", 2.6)))
                          .host(HostBuilder("new").load(2)))
                  .moves.empty());
  EXPECT_TRUE(planned(FleetBuilder()
                          .host(HostBuilder("h1").load(68).runs(cores("a", 0.1)))
                          .host(HostBuilder("new").load(2)))
                  .moves.empty());
}

TEST(Rebalance, NobodyIsInAHurryBelowHalfTheLine) {
  EXPECT_TRUE(planned(FleetBuilder()
                          .host(HostBuilder("h1").load(38, 10, 10).runs(cores("a", 1)))
                          .host(HostBuilder("new").load(2, 5, 5)))
                  .moves.empty());
}

TEST(Rebalance, ReliefComesFirst) {
  const FleetSnapshot fleet =
      with_new_host().host(HostBuilder("hot").load(96).runs(cores("d", 1.4)));
  const Plan plan = planned(fleet);
  ASSERT_EQ(plan.moves.size(), 1U);
  EXPECT_EQ(plan.moves[0].container, ContainerName{"d"});
}

TEST(Rebalance, NotWhileAHostIsOverItsLineThoughNotForLong) {
  Policy policy = switched_on();
  policy.window = seconds{5};
  FleetBuilder fleet = with_new_host();
  EXPECT_EQ(planned(fleet, policy).moves.size(), 1U);
  EXPECT_TRUE(
      planned(fleet.host(HostBuilder("h3").newest_cpu({100}).set(&HostState::detailed, false)),
              policy)
          .moves.empty());
}

TEST(Rebalance, OneAtATimeAndWithRest) {
  EXPECT_TRUE(planned(with_new_host().under_way("x", "h2", "h4", {})).moves.empty());
  EXPECT_TRUE(planned(with_new_host().moved("x", "h1", "h4", seconds{50})).moves.empty());
  const Plan plan = planned(with_new_host().moved("b", "new", "h1", minutes{5}));
  EXPECT_THAT(render_text(plan), testing::Not(HasSubstr("b: h1")));
}

TEST(Rebalance, AProjectGoesAsOneAndPinsHold) {
  const auto project = [](const std::string& name) {
    return cores(name, 0.7).label("com.docker.compose.project", "shop");
  };
  FleetBuilder fleet;
  fleet.host(HostBuilder("h1").load(68, 20, 20).runs(project("db")).runs(project("web")));
  fleet.host(HostBuilder("new").load(3, 5, 5));
  EXPECT_EQ(planned(fleet).moves.size(), 2U);
  EXPECT_TRUE(planned(FleetBuilder()
                          .host(HostBuilder("h1")
                                    .load(68, 20, 20)
                                    .runs(cores("a", 1.4).label("plimsoll.pin", "h1")))
                          .host(HostBuilder("new").load(3, 5, 5)))
                  .moves.empty());
}

TEST(Rebalance, FailsClosed) {
  EXPECT_TRUE(planned(with_new_host().host(HostBuilder("s").silent())).moves.empty());
  Policy quiet = switched_on();
  quiet.quiet = QuietHours::parse("daily 00:00-24:00").value();
  EXPECT_TRUE(planned(with_new_host(), quiet).moves.empty());
  EXPECT_TRUE(planned(FleetBuilder()
                          .host(HostBuilder("h1").load(68, 20, 20).runs(cores("a", 1.4)))
                          .host(HostBuilder("new").load(3, 5, 5).drained()))
                  .moves.empty());
}

TEST(Rebalance, TheOrchestratorIsToldWhenItIsWorthALook) {
  const FleetSnapshot fleet = with_new_host();
  const auto giver = [&](const Policy& policy) {
    return rebalance_giver(fleet, assess(fleet, policy, builder_now), policy);
  };
  EXPECT_FALSE(giver(Policy{}));
  EXPECT_EQ(giver(switched_on()), HostId{"h1"});
}

}  // namespace
}  // namespace plimsoll
