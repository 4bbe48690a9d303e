#include "simulate/balancing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "simulate/balancing_session.h"
#include "simulate/trace_generator.h"
#include "support/balancing_fleets.h"

namespace plimsoll {
namespace {

using testing::Each;
using testing::ElementsAre;

Trace constant_trace(std::size_t rows, double share, bool memory = false) {
  Trace trace{"constant", 3, {}};
  for (std::size_t i = 0; i < rows; ++i) {
    trace.rows.push_back({"w" + std::to_string(i), std::vector<double>(3, share), {}});
    if (memory) trace.rows.back().memory.assign(3, 0.5);
  }
  return trace;
}

TEST(BalancingFleet, TypesGoByQuartersOfTheRows) {
  const auto fleet = balancing_fleet(constant_trace(6, 0.1), 0.5);
  ASSERT_TRUE(fleet);
  std::vector<double> sizes;
  for (const auto& workload : fleet->workloads) sizes.push_back(workload.cpu_size);
  EXPECT_THAT(sizes, ElementsAre(2500, 2500, 2000, 2000, 1000, 1000));
  EXPECT_DOUBLE_EQ(fleet->workloads[0].move_bytes, 870.0 * static_cast<double>(mib));
  EXPECT_DOUBLE_EQ(fleet->workloads[2].cpu(1), 200);
}

TEST(BalancingFleet, HostsAreAsFewAsTheDensityAllowsAndEven) {
  // 4 workloads at full use want 6000: two hosts have 9040.
  EXPECT_EQ(balancing_fleet(constant_trace(4, 1), 0.7)->hosts.size(), 2U);
  EXPECT_EQ(balancing_fleet(constant_trace(4, 1), 0.6)->hosts.size(), 4U);
  const auto fleet = balancing_fleet(constant_trace(4, 1), 0.6);
  EXPECT_DOUBLE_EQ(fleet->hosts[0].cpu, 3720);
  EXPECT_DOUBLE_EQ(fleet->hosts[3].cpu, 5320);
}

TEST(BalancingFleet, TheLargestIsPlacedFirstWhereTheShareIsLowest) {
  const auto fleet = balancing_fleet(constant_trace(4, 1), 0.7);
  // 2500 on the larger; 2000 on the smaller (.54 < .85); 1000: .66 on the larger, .81 on the other;
  // 500: .67 on the smaller, .75.
  std::vector<std::size_t> start;
  for (const auto& workload : fleet->workloads) start.push_back(workload.start);
  EXPECT_THAT(start, ElementsAre(1, 0, 1, 0));
}

TEST(BalancingFleet, MemoryBindsOnlyWhereItWasRecorded) {
  EXPECT_DOUBLE_EQ(balancing_fleet(constant_trace(4, 0.1), 0.5)->hosts[0].memory, 0);
  const auto fleet = balancing_fleet(constant_trace(4, 0.1, true), 0.5);
  EXPECT_DOUBLE_EQ(fleet->hosts[0].memory, 16.0 * static_cast<double>(gib));
  EXPECT_DOUBLE_EQ(fleet->workloads[0].memory_at(2), 435.0 * static_cast<double>(mib));
}

TEST(BalancingFleet, ADensityThatCannotBeIsRefused) {
  for (const double density : {0.0, -1.0, 1.5, 1e-9}) {
    EXPECT_FALSE(balancing_fleet(constant_trace(4, 0.5), density)) << density;
  }
}

TEST(BalancingRun, TheSeenStepIsTheOneBeforeTheScoredOne) {
  class Watcher : public Balancer {
   public:
    std::vector<Relocation> after(std::size_t step, const WorkloadHosts& placement) override {
      seen.push_back(step);
      places.push_back(placement[0]);
      return step == 0 ? std::vector<Relocation>{{0, 1}} : std::vector<Relocation>{};
    }
    std::vector<std::size_t> seen;
    std::vector<std::size_t> places;
  };
  auto builder = FleetOf100s{2, 4};
  builder.workload(0, {50});
  Watcher watcher;
  const auto run = run_balancing(builder.get(), watcher, stopped_watch());
  EXPECT_THAT(watcher.seen, ElementsAre(0, 1, 2));
  EXPECT_THAT(watcher.places, ElementsAre(0, 1, 1));
  EXPECT_EQ(run.steps.size(), 3U);
}

BalancingRun play_engine(const BalancingFleet& fleet) {
  const auto engine = make_session_balancer(fleet, Policy{}, Pace{});
  return run_balancing(fleet, *engine, stopped_watch());
}

TEST(SessionBalancer, ConstantLoadCausesNoMove) {
  const auto fleet = balancing_fleet(constant_trace(80, 0.5), 0.6);
  ASSERT_TRUE(fleet);
  EXPECT_EQ(play_engine(*fleet).figures.moves, 0U);
}

TEST(SessionBalancer, AHostThatStaysTooFullIsRelieved) {
  auto builder = FleetOf100s{3, 24};
  for (int i = 0; i < 6; ++i) builder.workload(0, {19});
  builder.workload(1, {10}).workload(2, {10});
  const auto run = play_engine(builder.get());
  EXPECT_GT(run.figures.moves, 0U);
  EXPECT_EQ(run.steps.back().over, 0U);
  EXPECT_EQ(run.figures.returns, 0U);
}

TEST(SessionBalancer, WhatAHostUsesBesidesIsSeen) {
  auto builder = FleetOf100s{3, 24};
  builder.workload(0, {30}).workload(0, {20}).workload(1, {10}).workload(2, {10});
  for (auto& host : builder.get().hosts) host.other_cpu.assign(24, 0);
  EXPECT_EQ(play_engine(builder.get()).figures.moves, 0U);
  builder.get().hosts[0].other_cpu.assign(24, 55);
  EXPECT_GT(play_engine(builder.get()).figures.moves, 0U);
}

TEST(SessionBalancer, TheSameTraceGivesTheSameFigures) {
  for (const auto kind : {TraceKind::bursty, TraceKind::smooth}) {
    const auto fleet = balancing_fleet(generate_trace(kind, 100, 60, 3), 0.7);
    ASSERT_TRUE(fleet);
    const auto once = play_engine(*fleet);
    const auto again = play_engine(*fleet);
    EXPECT_EQ(once.figures.moves, again.figures.moves);
    EXPECT_EQ(once.figures.over_100, again.figures.over_100);
    EXPECT_EQ(once.figures.spread, again.figures.spread);
  }
}

TEST(TraceGenerator, TheSeedIsAllThatMatters) {
  const auto one = generate_trace(TraceKind::bursty, 20, 50, 5);
  const auto same = generate_trace(TraceKind::bursty, 20, 50, 5);
  const auto other = generate_trace(TraceKind::bursty, 20, 50, 6);
  EXPECT_EQ(one.rows[7].cpu, same.rows[7].cpu);
  EXPECT_NE(one.rows[7].cpu, other.rows[7].cpu);
}

double mean_jump(const Trace& trace) {
  double sum = 0;
  for (const auto& row : trace.rows) {
    for (std::size_t i = 1; i < row.cpu.size(); ++i) sum += std::abs(row.cpu[i] - row.cpu[i - 1]);
  }
  return sum / static_cast<double>(trace.rows.size() * (trace.steps - 1));
}

TEST(TraceGenerator, BurstyJumpsAndSmoothDoesNot) {
  const auto bursty = generate_trace(TraceKind::bursty, 300, 288, 1);
  const auto smooth = generate_trace(TraceKind::smooth, 300, 288, 1);
  EXPECT_GT(mean_jump(bursty), 3 * mean_jump(smooth));
  EXPECT_FALSE(bursty.has_memory());
  EXPECT_TRUE(smooth.has_memory());
  for (const auto& row : bursty.rows) {
    EXPECT_THAT(row.cpu, Each(testing::AllOf(testing::Ge(0), testing::Le(1))));
  }
}

}  // namespace
}  // namespace plimsoll
