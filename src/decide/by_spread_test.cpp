#include "decide/by_spread.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "decide/decide.h"
#include "decide/render.h"
#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;

/// The last value is the newest; the mean over the window is taken to be the same.
ContainerState uses(const std::string& name, const std::vector<double>& cores) {
  ContainerState container = ContainerBuilder(name).cpu(cores.back());
  TimePoint time = builder_now - static_cast<int>(cores.size() - 1) * minutes{1};
  for (const double each : cores) {
    container.samples.push_back({time, each, Bytes{8 * mib}});
    time += minutes{1};
  }
  return container;
}

std::vector<double> steady(double cores) { return std::vector<double>(36, cores); }

/// Mostly `low`, every fifth time `high`.
std::vector<double> bursts(double low, double high) {
  std::vector<double> cores;
  for (int i = 0; i < 36; ++i) cores.push_back(i % 5 == 2 ? high : low);
  return cores;
}

/// A host of 4 cores that uses what its containers use.
HostBuilder host(const std::string& name, const std::vector<ContainerState>& containers) {
  double cores = 0;
  for (const ContainerState& container : containers) cores += *container.cpu_cores;
  HostBuilder result{name};
  result.load(cores / 4 * 100);
  for (const ContainerState& container : containers) result.runs(container);
  return result;
}

FleetBuilder crowded_and_empty(const std::vector<ContainerState>& containers) {
  return FleetBuilder().host(host("h1", containers)).host(host("h2", {uses("calm", steady(0.2))}));
}

Plan decided(const FleetSnapshot& fleet, const Policy& policy = {}) {
  return decide(fleet, policy, builder_now);
}

std::vector<ContainerState> bursty(int count) {
  std::vector<ContainerState> containers;
  for (int i = 0; i < count; ++i) {
    containers.push_back(uses(fmt::format("c{}", i), bursts(0.2, 1.5)));
  }
  return containers;
}

TEST(BySpread, IsForSingleResourcesAndContainersWithSamples) {
  const FleetSnapshot with = crowded_and_empty({uses("web", steady(1))});
  const FleetSnapshot without =
      FleetBuilder().host(HostBuilder("h1").runs(ContainerBuilder("web").cpu(1)));
  Policy policy;
  EXPECT_TRUE(judged_by_spread(with, policy));
  EXPECT_FALSE(judged_by_spread(without, policy));
  policy.scalar = Scalar::sum;
  EXPECT_FALSE(judged_by_spread(with, policy));
  policy.scalar = Scalar::max;
  policy.detector = Detector::threshold;
  EXPECT_FALSE(judged_by_spread(with, policy));
}

TEST(BySpread, ASteadyLoadIsLeftAlone) {
  for (const double cores : {0.5, 1.0, 1.6}) {
    const Plan plan =
        decided(crowded_and_empty({uses("a", steady(cores)), uses("b", steady(cores))}));
    EXPECT_TRUE(plan.moves.empty()) << cores;
  }
}

TEST(BySpread, ACalmHostOverItsLineIsRelieved) {
  const Plan plan = decided(crowded_and_empty({uses("a", steady(1.7)), uses("b", steady(1.7))}));
  ASSERT_EQ(plan.moves.size(), 1U) << render_text(plan);
  EXPECT_NE(plan.moves[0].reason.find("line 80"), std::string::npos) << plan.moves[0].reason;
  EXPECT_TRUE(plan.hosts[0].hot);
}

TEST(BySpread, SoIsOneWhoseLoadHasChanged) {
  std::vector<double> changed = steady(0.6);
  std::fill(changed.end() - 5, changed.end(), 1.7);
  EXPECT_EQ(decided(crowded_and_empty({uses("a", changed), uses("b", steady(1.7))})).moves.size(),
            1U);
}

TEST(BySpread, AHostThatIsOverItsLineNowAndThenIsToldWhyItStays) {
  std::vector<double> jumps;
  for (int i = 0; i < 36; ++i) jumps.push_back(i % 2 == 0 ? 0.5 : 0.9);
  const Plan plan = decided(crowded_and_empty({uses("a", jumps), uses("b", steady(2.45))}));
  EXPECT_TRUE(plan.moves.empty()) << render_text(plan);
  EXPECT_NE(render_text(plan).find("but not steadily"), std::string::npos) << render_text(plan);
}

TEST(BySpread, ManySmallContainersAreMovedAFewAtATime) {
  std::vector<ContainerState> containers;
  for (int i = 0; i < 60; ++i) containers.push_back(uses(fmt::format("c{:02}", i), steady(0.06)));
  EXPECT_EQ(decided(crowded_and_empty(containers)).moves.size(), 2U);
}

TEST(BySpread, BurstsThatMayMeetAreSpreadBeforeTheyDo) {
  const Plan plan = decided(crowded_and_empty(bursty(6)));
  ASSERT_FALSE(plan.moves.empty()) << "its mean is far below its line";
  EXPECT_EQ(plan.moves[0].from.str(), "h1");
  EXPECT_EQ(plan.moves[0].to.str(), "h2");
  EXPECT_NE(plan.moves[0].reason.find("to want more than it has"), std::string::npos);
}

TEST(BySpread, OneSpikeStartsNothing) {
  for (const std::size_t at : {0U, 20U, 35U}) {
    std::vector<double> cores = steady(1.4);
    cores[at] = 4;
    const Plan plan = decided(crowded_and_empty({uses("a", cores), uses("b", steady(1.5))}));
    EXPECT_TRUE(plan.moves.empty()) << at;
  }
}

TEST(BySpread, AnOverloadThatStaysIsRelieved) {
  const Plan plan = decided(
      crowded_and_empty({uses("a", steady(2.4)), uses("b", steady(1.1)), uses("c", steady(1.0))}));
  ASSERT_EQ(plan.moves.size(), 1U);
}

TEST(BySpread, AHopelessOverloadIsRelievedAllTheSame) {
  std::vector<ContainerState> containers;
  for (int i = 0; i < 12; ++i) containers.push_back(uses(fmt::format("c{}", i), steady(0.9)));
  EXPECT_FALSE(decided(crowded_and_empty(containers)).moves.empty());
}

TEST(BySpread, TheKnobTradesMovesForRisk) {
  std::size_t before = 0;
  for (const double aggressiveness : {0.05, 1.0, 20.0}) {
    Policy policy;
    policy.aggressiveness = aggressiveness;
    policy.moves_per_host = 100;
    policy.moves_in_fleet = 100;
    const std::size_t moves = decided(crowded_and_empty(bursty(5)), policy).moves.size();
    EXPECT_GE(moves, before) << aggressiveness;
    before = moves;
  }
  EXPECT_GT(before, 0U);
  Policy policy;
  policy.aggressiveness = 0.05;
  EXPECT_TRUE(decided(crowded_and_empty(bursty(5)), policy).moves.empty());
}

TEST(BySpread, WhatAHostUsesBesidesItsContainersCounts) {
  const std::vector<ContainerState> containers{uses("a", steady(1)), uses("b", steady(1))};
  const FleetBuilder calm = crowded_and_empty(containers);
  EXPECT_TRUE(decided(calm).moves.empty());
  HostBuilder busy = host("h1", containers);
  busy.load(99);
  EXPECT_FALSE(decided(FleetBuilder().host(busy).host(host("h2", {uses("calm", steady(0.2))})))
                   .moves.empty());
}

TEST(BySpread, LimitsAndRestsHold) {
  Policy policy;
  policy.moves_per_host = 1;
  EXPECT_EQ(decided(crowded_and_empty(bursty(8)), policy).moves.size(), 1U);
  EXPECT_TRUE(decided(crowded_and_empty(bursty(6)).moved("x", "h1", "h9", std::chrono::seconds{5}))
                  .moves.empty())
      << "it has just given";
  FleetBuilder rested = crowded_and_empty(bursty(6));
  for (int i = 0; i < 6; ++i) {
    rested.moved(fmt::format("c{}", i), "h2", "h1", minutes{5});
  }
  EXPECT_TRUE(decided(rested).moves.empty()) << "all have come not long ago";
}

TEST(BySpread, WhatHoldsAContainerIsSaid) {
  auto containers = bursty(6);
  for (ContainerState& container : containers) container.labels["plimsoll.move"] = "never";
  const Plan plan = decided(crowded_and_empty(containers));
  EXPECT_TRUE(plan.moves.empty());
  EXPECT_TRUE(std::any_of(plan.rejected.begin(), plan.rejected.end(),
                          [](const auto& each) { return each.rule == Rule::label_never; }));
  EXPECT_TRUE(std::any_of(plan.rejected.begin(), plan.rejected.end(),
                          [](const auto& each) { return each.rule == Rule::no_destination; }));
}

TEST(BySpread, OfEquallyGoodDestinationsTheQuickestIsTaken) {
  auto containers = bursty(6);
  for (ContainerState& container : containers) container.image_bytes = Bytes{gib};
  const FleetSnapshot fleet = FleetBuilder()
                                  .host(host("h1", containers))
                                  .host(host("h2", {uses("x", steady(0.2))}))
                                  .host(host("h3", {uses("y", steady(0.2))}))
                                  .link("h1", "h2", 1e6)
                                  .link("h1", "h3", 100e6);
  const Plan plan = decided(fleet);
  ASSERT_FALSE(plan.moves.empty());
  EXPECT_EQ(plan.moves[0].to.str(), "h3");
}

TEST(BySpread, MemoryIsJudgedByItsLineAsEver) {
  HostBuilder full = host("h2", {uses("x", steady(0.2))});
  full.load(5, 80);
  EXPECT_TRUE(decided(FleetBuilder().host(host("h1", bursty(6))).host(full)).moves.empty());
  HostState deep = host("h1", {uses("a", steady(0.2)), uses("b", steady(0.2))}).load(10, 95);
  for (ContainerState& container : deep.containers) container.memory = Bytes{2 * gib};
  EXPECT_FALSE(
      decided(FleetBuilder().host(deep).host(host("h2", {uses("x", steady(0.2))}))).moves.empty());
}

/// A host whose windows are calm and whose newest samples are not, and an empty one.
FleetBuilder risen(const std::vector<double>& newest, double lately) {
  ContainerState shop = uses("shop", steady(0.6));
  shop.cpu_cores_lately = lately;
  ContainerState base = uses("base", steady(1));
  base.cpu_cores_lately = 1;
  HostBuilder busy = host("h1", {shop, base});
  busy.newest_cpu(newest);
  return FleetBuilder().host(busy).host(host("h2", {uses("calm", steady(0.2))}));
}

TEST(BySpread, ARiseThatIsHeldIsBelievedBeforeItsWindowIsOver) {
  EXPECT_EQ(decided(risen({95, 95, 95}, 2.8)).moves.size(), 1U);
  EXPECT_EQ(decided(risen({95, 40, 95, 40, 95}, 2.8)).moves.size(), 1U);
  const auto hosts = assess(risen({95, 95, 95}, 2.8), {}, builder_now);
  EXPECT_TRUE(hosts.at(0).sudden && hosts.at(0).hot);
  EXPECT_FALSE(hosts.at(1).sudden || hosts.at(1).hot);
}

TEST(BySpread, ASpikeShorterThanTheHoldIsNot) {
  EXPECT_TRUE(decided(risen({95, 95}, 2.2)).moves.empty());
  EXPECT_TRUE(decided(risen({95, 95, 95, 40}, 2.4)).moves.empty()) << "it is over";
  EXPECT_TRUE(decided(risen({95, 95, 95}, 0.6)).moves.empty()) << "no container explains it";
}

TEST(BySpread, TheChosenHostIsToldHoweverManyRefuseBeforeIt) {
  FleetBuilder fleet = FleetBuilder().host(host("h1", bursty(6)));
  for (int i = 0; i < 9; ++i) {
    HostBuilder full = host(fmt::format("full{}", i), {uses("x", steady(0.1))});
    full.load(5, 80);
    fleet.host(full);
  }
  const Plan plan = decided(fleet.host(host("room", {uses("y", steady(0.3))})));
  ASSERT_FALSE(plan.moves.empty());
  const auto& considered = plan.moves[0].considered;
  EXPECT_EQ(considered.front().host.str(), "room");
  EXPECT_FALSE(considered.front().refused);
  EXPECT_GT(considered.size(), 1U) << "those that refuse are told too";
  EXPECT_EQ(considered.size() + plan.moves[0].considered_more, 10U);
}

TEST(BySpread, OfThoseThatHelpTheLowestPriorityGoes) {
  auto containers = bursty(6);
  for (std::size_t i = 0; i < containers.size(); ++i) {
    containers[i].labels["plimsoll.priority"] = i == 4 ? "-1" : "50";
  }
  containers[4].samples = uses("c4", bursts(0.2, 1.2)).samples;
  const Plan plan = decided(crowded_and_empty(containers));
  ASSERT_FALSE(plan.moves.empty());
  EXPECT_EQ(plan.moves[0].container.str(), "c4") << "though others would relieve more";
}

TEST(BySpread, WhatElseWasThoughtOfIsTold) {
  HostBuilder full = host("h4", {uses("z", steady(0.2))});
  full.load(5, 80);
  const Plan plan = decided(FleetBuilder()
                                .host(host("h1", bursty(6)))
                                .host(host("h2", {uses("x", steady(0.2))}))
                                .host(host("h3", {uses("y", steady(0.3))}))
                                .host(full));
  ASSERT_FALSE(plan.moves.empty());
  const auto& considered = plan.moves[0].considered;
  ASSERT_GE(considered.size(), 2U);
  EXPECT_EQ(considered[0].host, plan.moves[0].to);
  EXPECT_FALSE(considered[0].refused || considered[1].refused);
  EXPECT_NE(considered[1].because.find("% to want more than it has"), std::string::npos);
}

/// A ramp of CPU on a host, up to now, and what its containers have used while it rose.
HostBuilder rising(HostBuilder ramp, double from, double to) {
  HostState state = ramp;
  const auto size = static_cast<double>(state.samples.size());
  for (std::size_t i = 0; i < state.samples.size(); ++i) {
    state.samples[i].used.cpu = from + (to - from) * static_cast<double>(i) / size;
  }
  return ramp.set(&HostState::samples, state.samples);
}

TEST(BySpread, AHostThatRisesReceivesNothing) {
  const auto fleet = [](double now) {
    const HostBuilder up = rising(host("h2", {uses("x", steady(0.2))}), -480, now);
    return FleetBuilder().host(host("h1", bursty(6))).host(up);
  };
  EXPECT_FALSE(decided(fleet(0)).moves.empty());
  const Plan plan = decided(fleet(45));
  EXPECT_TRUE(plan.moves.empty());
  EXPECT_TRUE(std::ranges::any_of(plan.rejected,
                                  [](const auto& each) { return each.rule == Rule::rising; }));
}

TEST(BySpread, WithAForecastAHostIsRelievedBeforeItIsFull) {
  Policy policy;
  policy.forecast = true;
  const HostBuilder up =
      rising(host("h1", {uses("a", steady(1.4)), uses("b", steady(1.4))}), -230, 79);
  const FleetSnapshot fleet = FleetBuilder().host(up).host(host("h2", {uses("calm", steady(0.2))}));
  EXPECT_TRUE(decided(fleet).moves.empty());
  EXPECT_FALSE(decided(fleet, policy).moves.empty());
}

}  // namespace
}  // namespace plimsoll
