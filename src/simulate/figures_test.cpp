// Every figure against one worked out by hand.
#include "simulate/figures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/balancing_fleets.h"

namespace plimsoll {
namespace {

BalancingFigures play(const BalancingFleet& fleet, std::vector<std::vector<Relocation>> script) {
  ScriptedBalancer balancer{std::move(script)};
  return run_balancing(fleet, balancer, stopped_watch()).figures;
}

TEST(Figures, TheFirstStepIsSeenAndNotScored) {
  const auto fleet = FleetOf100s{2}.workload(0, {300, 50}).workload(1, {300, 50}).get();
  EXPECT_DOUBLE_EQ(play(fleet, {}).over_100, 0);
}

TEST(Figures, SharesOfHostStepsAboveEachLine) {
  // Two scored steps, four hosts: 101 and 95, 85, 20, twice.
  auto builder = FleetOf100s{4, 3};
  builder.workload(0, {0, 101}).workload(1, {0, 95}).workload(2, {0, 85}).workload(3, {0, 20});
  const auto figures = play(builder.get(), {});
  EXPECT_DOUBLE_EQ(figures.over_100, 25);
  EXPECT_DOUBLE_EQ(figures.over_90, 50);
  EXPECT_DOUBLE_EQ(figures.over_80, 75);
}

TEST(Figures, ExactlyAtALineIsNotAboveIt) {
  auto builder = FleetOf100s{3};
  builder.workload(0, {0, 100}).workload(1, {0, 90}).workload(2, {0, 80});
  const auto figures = play(builder.get(), {});
  EXPECT_DOUBLE_EQ(figures.over_100, 0);
  EXPECT_NEAR(figures.over_90, 100.0 / 3, 1e-9);
  EXPECT_NEAR(figures.over_80, 200.0 / 3, 1e-9);
}

TEST(Figures, UnservedIsTheDemandAboveCapacity) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {0, 90}).workload(0, {0, 60}).workload(1, {0, 50});
  EXPECT_DOUBLE_EQ(play(builder.get(), {}).unserved, 25);  // 50 of 200
}

TEST(Figures, WhatAHostUsesBesidesCounts) {
  auto builder = FleetOf100s{1};
  builder.workload(0, {0, 60});
  builder.get().hosts[0].other_cpu = {0, 60};
  EXPECT_DOUBLE_EQ(play(builder.get(), {}).over_100, 100);
}

TEST(Figures, AMoveCountsBeforeTheNextStepIsScored) {
  auto builder = FleetOf100s{2, 3};
  builder.workload(0, {60}, 2).workload(0, {60}, 3);
  const auto figures = play(builder.get(), {{{1, 1}}});
  EXPECT_EQ(figures.moves, 1U);
  EXPECT_DOUBLE_EQ(figures.moved_gib, 3);
  EXPECT_DOUBLE_EQ(figures.over_100, 0);
}

TEST(Figures, MovedGibIsTheMemoryInUseAtTheMove) {
  auto builder = FleetOf100s{2, 3};
  builder.workload(0, {10}, 8);
  const double one_gib = static_cast<double>(gib);
  builder.get().workloads[0].memory = {one_gib, 2 * one_gib, 4 * one_gib};
  EXPECT_DOUBLE_EQ(play(builder.get(), {{}, {{0, 1}}}).moved_gib, 2);
}

TEST(Figures, SpreadIsTheDeviationOfTheHosts) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {0, 80}).workload(1, {0, 20});
  EXPECT_DOUBLE_EQ(play(builder.get(), {}).spread, 30);
}

TEST(Figures, MemoryAboveWhatThereIs) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {1}, 3).workload(0, {1}, 2);
  for (auto& host : builder.get().hosts) host.memory = 4 * static_cast<double>(gib);
  EXPECT_DOUBLE_EQ(play(builder.get(), {}).memory_over, 50);
  EXPECT_DOUBLE_EQ(play(builder.get(), {{{0, 1}}}).memory_over, 0);
}

TEST(Figures, ReturnsAreMovesBackWithinSixSteps) {
  auto builder = FleetOf100s{3, 20};
  builder.workload(0, {1});
  const std::vector<Relocation> none;
  EXPECT_EQ(play(builder.get(), {{{0, 1}}, {{0, 0}}}).returns, 1U);
  EXPECT_EQ(play(builder.get(), {{{0, 1}}, {{0, 2}}}).returns, 0U);
  EXPECT_EQ(play(builder.get(), {{{0, 1}}, {{0, 2}}, {{0, 0}}}).returns, 1U);
  EXPECT_EQ(play(builder.get(), {{{0, 1}}, none, none, none, none, none, {{0, 0}}}).returns, 1U);
  EXPECT_EQ(play(builder.get(), {{{0, 1}}, none, none, none, none, none, none, {{0, 0}}}).returns,
            0U);
}

TEST(Figures, StepsKeepTheBandsForCharts) {
  auto builder = FleetOf100s{5};
  for (std::size_t h = 0; h < 5; ++h) builder.workload(h, {0, 10.0 * static_cast<double>(h) + 70});
  ScriptedBalancer balancer{{{{0, 4}}}};
  const auto run = run_balancing(builder.get(), balancer, stopped_watch());
  ASSERT_EQ(run.steps.size(), 1U);
  EXPECT_EQ(run.steps[0].moves, 1U);
  EXPECT_EQ(run.steps[0].over, 1U);
  EXPECT_DOUBLE_EQ(run.steps[0].lowest, 0);
  EXPECT_DOUBLE_EQ(run.steps[0].lower, 80);
  EXPECT_DOUBLE_EQ(run.steps[0].median, 90);
  EXPECT_DOUBLE_EQ(run.steps[0].upper, 100);
  EXPECT_DOUBLE_EQ(run.steps[0].highest, 180);
}

TEST(Figures, DecisionsAreTimedAlone) {
  auto builder = FleetOf100s{1, 5};
  builder.workload(0, {1});
  double now = 0;
  IdleBalancer idle;
  const auto run = run_balancing(builder.get(), idle, [&] { return now += 1e-6; });
  EXPECT_NEAR(run.figures.decision_us, 1, 1e-6);
}

}  // namespace
}  // namespace plimsoll
