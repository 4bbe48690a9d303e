#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "decide/decide.h"
#include "decide/render.h"
#include "support/plan_checks.h"
#include "support/random_fleet.h"

// What must be so of every plan where CPU is judged by the spread of what containers use.

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;

constexpr std::uint64_t seeds = 600;

Plan decided(const FleetSnapshot& fleet, const Policy& policy = {}) {
  return decide(fleet, policy, builder_now);
}

/// RandomFleet, every container with a history.
FleetSnapshot random_with_samples(RandomFleet& random) {
  FleetSnapshot fleet = random.make();
  for (HostState& each : fleet.hosts) {
    for (ContainerState& container : each.containers) {
      const double top = static_cast<double>(1 + random.below(20'000)) / 10'000;
      for (std::uint64_t i = 1 + random.below(40); i > 0; --i) {
        const double cores = top * static_cast<double>(random.below(10'000)) / 10'000;
        container.samples.push_back(
            {builder_now - static_cast<int>(i - 1) * minutes{1}, cores, Bytes{mib}});
      }
    }
  }
  return fleet;
}

/// Every host uses what its containers use, and nothing besides.
FleetSnapshot added_up(FleetSnapshot fleet) {
  for (HostState& host : fleet.hosts) {
    double cores = 0;
    for (ContainerState& container : host.containers) {
      if (container.state != "running") continue;
      container.cpu_cores = container.samples.back().cpu_cores;
      cores += *container.cpu_cores;
    }
    for (Sample& sample : host.samples) sample.used.cpu = cores / *host.capacity.cpu_cores * 100;
  }
  return fleet;
}

std::map<HostId, double> risks_of(const FleetSnapshot& fleet) {
  std::map<HostId, double> risks;
  for (const HostAssessment& seen : assess(fleet, Policy{}, builder_now)) {
    risks[seen.host] = seen.risk.value_or(0);
  }
  return risks;
}

/// The containers of one host use more, by a share or by so many cores.
template <class Change>
void expect_no_lower_risk(const Change& change) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = added_up(random_with_samples(random));
    const auto before = risks_of(fleet);
    HostState& host = fleet.hosts[random.below(fleet.hosts.size())];
    for (ContainerState& container : host.containers) {
      for (ContainerSample& sample : container.samples) sample.cpu_cores = change(sample.cpu_cores);
    }
    const auto after = risks_of(added_up(fleet));
    ASSERT_GE(after.at(host.name), before.at(host.name) - 1e-9) << "seed " << seed;
  }
}

TEST(PropertySpread, MoreLoadNeverRanksAHostLower) {
  expect_no_lower_risk([](double cores) { return cores * 1.3; });
  expect_no_lower_risk([](double cores) { return cores + 0.2; });
}

/// Every host as `change` makes it.
template <class Change>
void expect_no_moves(const Change& change) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = added_up(random_with_samples(random));
    for (HostState& host : fleet.hosts) change(host);
    ASSERT_TRUE(decided(fleet).moves.empty()) << "seed " << seed;
  }
}

TEST(PropertySpread, ASilentFleetStaysAsItIs) {
  expect_no_moves([](HostState& host) { host.up = false; });
}

TEST(PropertySpread, ASingleHostHasNowhereToSendAnything) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = added_up(random_with_samples(random));
    fleet.hosts.resize(1);
    ASSERT_TRUE(decided(fleet).moves.empty()) << "seed " << seed;
  }
}

TEST(PropertySpread, TheOrderOfTheInputChangesNothing) {
  std::size_t moves = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = random_with_samples(random);
    const Plan plan = decided(fleet);
    moves += plan.moves.size();
    random.shuffle(fleet.hosts);
    random.shuffle(fleet.past);
    for (HostState& each : fleet.hosts) random.shuffle(each.containers);
    ASSERT_EQ(render_json(decided(fleet)), render_json(plan)) << "seed " << seed;
  }
  EXPECT_GT(moves, seeds / 20) << "the fleets are too tame to show anything";
}

TEST(PropertySpread, NoPlanBreaksAConstraintOrPassesALimit) {
  const Policy policy;
  for (std::uint64_t seed = 0; seed < seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = random_with_samples(random);
    const Plan plan = decided(fleet, policy);
    std::map<HostId, int> busy;
    for (const MoveUnderWay& move : fleet.under_way) ++busy[move.from], ++busy[move.to];
    for (const Move& move : plan.moves) {
      expect_allowed(move, fleet);
      if (goes_along(move, plan)) continue;
      EXPECT_LE(++busy[move.from], policy.moves_per_host);
      EXPECT_LE(++busy[move.to], policy.moves_per_host);
    }
  }
}

TEST(PropertySpread, AHotHostIsRelievedOrTheReasonIsGiven) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = random_with_samples(random);
    const Plan plan = decided(fleet);
    for (const HostAssessment& seen : plan.hosts) {
      const bool given = std::any_of(plan.moves.begin(), plan.moves.end(),
                                     [&](const Move& move) { return move.from == seen.host; });
      const bool said =
          std::any_of(plan.rejected.begin(), plan.rejected.end(), [&](const Rejection& rejection) {
            return (rejection.host == seen.host && !rejection.container) || !rejection.host;
          });
      ASSERT_TRUE(!seen.hot || given || said || plan.rejected_more > 0)
          << "seed " << seed << " host " << seen.host.str();
    }
  }
}

}  // namespace
}  // namespace plimsoll
