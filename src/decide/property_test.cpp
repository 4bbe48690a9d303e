#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "decide/decide.h"
#include "decide/render.h"
#include "support/plan_checks.h"
#include "support/random_fleet.h"

namespace plimsoll {
namespace {

using namespace test;

constexpr std::uint64_t seeds = 2000;

TEST(Property, TheOrderOfTheInputChangesNothing) {
  std::size_t moves = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    const Plan plan = decide(fleet, policy, builder_now);
    moves += plan.moves.size();
    const std::string before = render_json(plan);
    random.shuffle(fleet.hosts);
    random.shuffle(fleet.past);
    for (HostState& host : fleet.hosts) random.shuffle(host.containers);
    ASSERT_EQ(render_json(decide(fleet, policy, builder_now)), before) << "seed " << seed;
  }
  EXPECT_GT(moves, seeds / 20) << "the fleets are too tame to show anything";
}

TEST(Property, NoPlanBreaksAConstraint) {
  for (std::uint64_t seed = 0; seed < seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    for (const Move& move : decide(fleet, random.policy(), builder_now).moves) {
      expect_allowed(move, fleet);
    }
  }
}

TEST(Property, NoPlanPassesALimit) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    std::map<HostId, int> busy;
    for (const MoveUnderWay& move : fleet.under_way) ++busy[move.from], ++busy[move.to];
    const Plan plan = decide(fleet, policy, builder_now);
    std::size_t at_once = fleet.under_way.size();
    for (const Move& move : plan.moves) {
      if (goes_along(move, plan)) continue;
      ++at_once;
      ASSERT_LE(++busy[move.from], policy.moves_per_host) << "seed " << seed;
      ASSERT_LE(++busy[move.to], policy.moves_per_host) << "seed " << seed;
    }
    ASSERT_TRUE(plan.moves.empty() || at_once <= 5U) << "seed " << seed;
  }
}

TEST(Property, NoHostIsLoadedPastItsTargetAndTheWorstGetsNoWorse) {
  for (std::uint64_t seed = 0; seed < seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    Landed landed{fleet, policy};
    landed.expect_fine(decide(fleet, policy, builder_now), fleet, policy);
  }
}

TEST(Property, MoreLoadNeverRanksAHostLower) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    HostState& host = fleet.hosts[random.below(fleet.hosts.size())];
    const auto find = [&] {
      const auto all = assess(fleet, policy, builder_now);
      return *std::find_if(all.begin(), all.end(),
                           [&](const auto& a) { return a.host == host.name; });
    };
    const HostAssessment before = find();
    for (Sample& sample : host.samples) {
      sample.used.cpu = *sample.used.cpu + static_cast<double>(random.below(20));
      sample.used.memory = *sample.used.memory + static_cast<double>(random.below(20));
    }
    const HostAssessment after = find();
    ASSERT_GE(*after.level, *before.level) << "seed " << seed;
    ASSERT_GE(after.held, before.held) << "seed " << seed;
  }
}

bool relieved(const HostId& host, const Plan& plan) {
  return std::any_of(plan.moves.begin(), plan.moves.end(),
                     [&](const Move& move) { return move.from == host; });
}

bool explained(const HostId& host, const Plan& plan) {
  return std::any_of(plan.rejected.begin(), plan.rejected.end(), [&](const Rejection& rejection) {
    return (rejection.host == host && !rejection.container) || rejection.rule == Rule::silent_fleet;
  });
}

/// No move says nothing by itself: a host in need always gets its reason.
TEST(Property, AHotHostIsRelievedOrTheReasonIsGiven) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Plan plan = decide(fleet, random.policy(), builder_now);
    for (const HostAssessment& seen : plan.hosts) {
      ASSERT_TRUE(!seen.hot || relieved(seen.host, plan) || explained(seen.host, plan))
          << "seed " << seed << " host " << seen.host.str();
    }
  }
}

}  // namespace
}  // namespace plimsoll
