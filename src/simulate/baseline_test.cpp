// The rule that all baselines share, and what each of them makes of it.
#include "simulate/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulate/trace_generator.h"
#include "support/balancing_fleets.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const BaselineRule& rule(const std::string& name) {
  for (const auto& one : baseline_rules()) {
    if (one.name == name) return one;
  }
  throw std::invalid_argument(name);
}

/// What a baseline does after each of the steps.
std::vector<std::vector<Relocation>> moves(const BalancingFleet& fleet,
                                           const BaselineRule& wanted) {
  const auto balancer = make_baseline(fleet, wanted);
  WorkloadHosts placement;
  for (const auto& workload : fleet.workloads) placement.push_back(workload.start);
  std::vector<std::vector<Relocation>> all;
  for (std::size_t step = 0; step + 1 < fleet.steps; ++step) {
    all.push_back(balancer->after(step, placement));
    for (const auto& move : all.back()) placement[move.workload] = move.to;
  }
  return all;
}

std::vector<Relocation> first_moves(const BalancingFleet& fleet, const std::string& name) {
  return moves(fleet, rule(name)).front();
}

TEST(Baseline, AHostAtItsLineIsLeftAlone) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {50}).workload(0, {30});
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), IsEmpty());
}

TEST(Baseline, OneThatIsEnoughWithTheFewestBytesGoes) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {40}, 5).workload(0, {30}, 1).workload(0, {15}, 2).workload(0, {5}, 0.1);
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), ElementsAre(Relocation{1, 1}));
}

TEST(Baseline, OfThoseWithEqualBytesTheSmallestUse) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {40}).workload(0, {30}).workload(0, {15}).workload(0, {5});
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), ElementsAre(Relocation{2, 1}));
}

TEST(Baseline, WhereNoneIsEnoughTheLargestGoesFirst) {
  auto builder = FleetOf100s{3};
  builder.workload(0, {30}, 9).workload(0, {29}).workload(0, {28}).workload(0, {33}, 9);
  builder.workload(1, {10}).workload(2, {0});
  // 120 to lose 40: 33 to the emptier one, then 7 are left, for which 28 is enough.
  EXPECT_THAT(first_moves(builder.get(), "last-sample"),
              ElementsAre(Relocation{3, 2}, Relocation{2, 1}));
}

TEST(Baseline, TheDestinationIsTheLeastLoadedAfterwards) {
  auto builder = FleetOf100s{4};
  builder.workload(0, {90}, 9).workload(0, {10}).workload(1, {40}).workload(2, {35});
  builder.workload(3, {30});
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), ElementsAre(Relocation{1, 3}));
  builder.get().hosts[2].cpu = 150;  // 45 of 150 is less than 40 of 100
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), ElementsAre(Relocation{1, 2}));
}

TEST(Baseline, NoDestinationIsFilledPastTheLineSoTheNextIsTried) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {60}, 1).workload(0, {30}, 9).workload(1, {40});
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), ElementsAre(Relocation{1, 1}));
}

TEST(Baseline, TheFullestHostIsTheFirst) {
  auto builder = FleetOf100s{3};
  builder.workload(0, {50}).workload(0, {40}).workload(1, {45}).workload(1, {50});
  builder.workload(2, {35});  // there is room for one of them
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), ElementsAre(Relocation{2, 2}));
}

TEST(Baseline, ThatWhichUsesNothingStays) {
  auto builder = FleetOf100s{2};
  builder.workload(0, {90}).workload(0, {0}).workload(1, {50});
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), IsEmpty());
}

TEST(Baseline, MemoryHasToFit) {
  auto builder = FleetOf100s{3};
  builder.workload(0, {60}, 6).workload(0, {40}, 3).workload(1, {5}, 2).workload(2, {20}, 1);
  for (auto& host : builder.get().hosts) host.memory = 4.5 * static_cast<double>(gib);
  EXPECT_THAT(first_moves(builder.get(), "last-sample"), ElementsAre(Relocation{1, 2}));
}

TEST(Baseline, LastSampleFollowsASpikeThatTheMeanDoesNotSee) {
  auto builder = FleetOf100s{2, 5};
  builder.workload(0, {30, 30, 60, 30, 30}).workload(0, {30}).workload(1, {20});
  EXPECT_THAT(moves(builder.get(), rule("last-sample"))[2], testing::SizeIs(1));
  EXPECT_THAT(moves(builder.get(), rule("mean-3"))[2], IsEmpty());
}

TEST(Baseline, AtTheStartTheMeanIsOfWhatThereIs) {
  auto builder = FleetOf100s{2, 4};
  builder.workload(0, {70}).workload(0, {30}).workload(1, {20});
  EXPECT_THAT(first_moves(builder.get(), "mean-3"), ElementsAre(Relocation{1, 1}));
}

TEST(Baseline, RestKeepsAWorkloadForSixSteps) {
  // Where the second one goes to fills up at step 2, and back home there is room again.
  auto builder = FleetOf100s{2, 12};
  builder.workload(0, {70, 70, 30}, 9).workload(0, {50}).workload(1, {30, 30, 80}, 9);
  std::vector<std::size_t> steps;
  const auto all = moves(builder.get(), rule("mean-3-rest"));
  for (std::size_t step = 0; step < all.size(); ++step) {
    if (!all[step].empty()) steps.push_back(step);
  }
  EXPECT_THAT(steps, ElementsAre(0, 6));
}

TEST(Baseline, SpreadMovesOffAHostThatJumps) {
  // The mean of 3 is the same in both; only one of them jumps.
  auto jumps = FleetOf100s{2, 13};
  auto calm = FleetOf100s{2, 13};
  std::vector<double> up_and_down;
  for (int i = 0; i < 13; ++i) up_and_down.push_back(i % 3 == 0 ? 86 : 26);
  jumps.workload(0, up_and_down).workload(0, {30}).workload(1, {1});
  calm.workload(0, {46}).workload(0, {30}).workload(1, {1});
  const auto moved = [](const std::vector<std::vector<Relocation>>& all) {
    std::size_t count = 0;
    for (const auto& step : all) count += step.size();
    return count;
  };
  EXPECT_GT(moved(moves(jumps.get(), rule("mean-12-spread"))), 0U);
  EXPECT_EQ(moved(moves(calm.get(), rule("mean-12-spread"))), 0U);
}

TEST(Baseline, TheOracleMovesBeforeItHappens) {
  auto builder = FleetOf100s{2, 4};
  builder.workload(0, {40, 40, 70, 40}).workload(0, {40}).workload(1, {10});
  const auto all = moves(builder.get(), rule("oracle"));
  EXPECT_THAT(all[0], IsEmpty());
  EXPECT_THAT(all[1], testing::SizeIs(1));
}

TEST(Baseline, TheSameTraceGivesTheSameMoves) {
  const auto trace = generate_trace(TraceKind::bursty, 120, 60, 7);
  const auto fleet = balancing_fleet(trace, 0.7);
  ASSERT_TRUE(fleet);
  for (const auto& one : baseline_rules()) {
    EXPECT_EQ(moves(*fleet, one), moves(*fleet, one)) << one.name;
  }
}

TEST(Baseline, EachIsBetterThanNoneAndNoneBetterThanTheOracle) {
  const auto fleet = balancing_fleet(generate_trace(TraceKind::bursty, 200, 100, 11), 0.6);
  ASSERT_TRUE(fleet);
  IdleBalancer idle;
  const double none = run_balancing(*fleet, idle, stopped_watch()).figures.over_100;
  const auto oracle = make_baseline(*fleet, rule("oracle"));
  const double bound = run_balancing(*fleet, *oracle, stopped_watch()).figures.over_100;
  for (const auto& one : baseline_rules()) {
    const auto balancer = make_baseline(*fleet, one);
    const double over = run_balancing(*fleet, *balancer, stopped_watch()).figures.over_100;
    EXPECT_LT(over, none) << one.name;
    EXPECT_GE(over, bound) << one.name;
  }
}

}  // namespace
}  // namespace plimsoll
