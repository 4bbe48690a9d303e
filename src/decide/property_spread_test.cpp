#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "decide/by_spread.h"
#include "decide/decide.h"
#include "decide/render.h"
#include "support/plan_checks.h"
#include "support/random_fleet.h"

// What must be so of every plan where CPU is judged by the spread of what containers use.

namespace plimsoll {
namespace {

using namespace test;

constexpr std::uint64_t seeds = 600;

Plan decided(const FleetSnapshot& fleet, const Policy& policy = {}) {
  return decide(fleet, policy, builder_now);
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

FleetSnapshot landed(FleetSnapshot fleet, const Plan& plan) {
  const auto named = [&](const HostId& name) {
    return std::find_if(fleet.hosts.begin(), fleet.hosts.end(),
                        [&](const HostState& host) { return host.name == name; });
  };
  for (const Move& move : plan.moves) {
    auto& here = named(move.from)->containers;
    const auto which = std::find_if(here.begin(), here.end(), [&](const ContainerState& each) {
      return each.name == move.container;
    });
    named(move.to)->containers.push_back(*which);
    here.erase(which);
  }
  return added_up(std::move(fleet));
}

std::map<HostId, double> risks_of(const FleetSnapshot& fleet) {
  std::map<HostId, double> risks;
  for (const HostAssessment& seen : assess(fleet, Policy{}, builder_now)) {
    risks[seen.host] = seen.risk.value_or(0);
  }
  return risks;
}

double worst(const std::map<HostId, double>& risks) {
  double most = 0;
  for (const auto& [host, risk] : risks) most = std::max(most, risk);
  return most;
}

/// Beyond what starts a move: a host whose memory is relieved may leave another at a risk of
/// nothing.
TEST(PropertySpread, NoPlanMakesTheWorstHostWorse) {
  std::size_t moves = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = added_up(random_with_samples(random));
    const Plan plan = decided(fleet);
    moves += plan.moves.size();
    const double most = std::max(worst(risks_of(fleet)), price_of_move(Policy{}));
    ASSERT_LE(worst(risks_of(landed(fleet, plan))), most + 1e-9)
        << "seed " << seed << ": " << render_json(plan);
  }
  EXPECT_GT(moves, seeds / 10) << "the fleets are too tame to show anything";
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

/// Other names in the same order: of destinations that are alike the first by name is taken, and at
/// next to no risk all are alike.
HostId other_name(const HostId& host) { return HostId{"m" + host.str() + "-renamed"}; }

FleetSnapshot renamed(FleetSnapshot fleet) {
  for (HostState& host : fleet.hosts) {
    host.name = other_name(host.name);
    for (ContainerState& container : host.containers) {
      const auto pin = container.labels.find("plimsoll.pin");
      if (pin != container.labels.end()) pin->second = other_name(HostId{pin->second}).str();
    }
  }
  const auto rename = [](auto& each) {
    each.from = other_name(each.from);
    each.to = other_name(each.to);
  };
  std::for_each(fleet.links.begin(), fleet.links.end(), rename);
  std::for_each(fleet.under_way.begin(), fleet.under_way.end(), rename);
  std::for_each(fleet.past.begin(), fleet.past.end(), rename);
  return fleet;
}

std::string told(const ContainerName& container, const HostId& from, const HostId& to) {
  return fmt::format("{} from {} to {}", container.str(), from.str(), to.str());
}

TEST(PropertySpread, NamesChangeNothingButNames) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = added_up(random_with_samples(random));
    std::set<std::string> expected;
    for (const Move& move : decided(fleet).moves) {
      expected.insert(told(move.container, other_name(move.from), other_name(move.to)));
    }
    std::set<std::string> found;
    for (const Move& move : decided(renamed(fleet)).moves) {
      found.insert(told(move.container, move.from, move.to));
    }
    ASSERT_EQ(found, expected) << "seed " << seed;
  }
}

/// Every host as `change` makes it.
template <class Change>
void expect_no_moves(const Change& change) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = added_up(random_with_samples(random));
    for (HostState& host : fleet.hosts) change(host);
    fleet.under_way.clear();
    const Plan plan = decided(fleet);
    ASSERT_TRUE(plan.moves.empty()) << "seed " << seed << ": " << plan.moves[0].reason;
  }
}

TEST(PropertySpread, ASilentFleetStaysAsItIs) {
  expect_no_moves([](HostState& host) { host.up = false; });
}

/// All wants more than there is, everywhere alike: nobody is better off with it.
TEST(PropertySpread, AnOverloadedFleetStaysAsItIs) {
  expect_no_moves([](HostState& host) {
    double running = 0;
    for (ContainerState& container : host.containers) {
      for (ContainerSample& sample : container.samples) sample.cpu_cores = 1;
      container.cpu_cores = 1;
      running += container.state == "running" ? 1 : 0;
    }
    host.capacity.cpu_cores = std::max(1.0, running) / 2;
    for (Sample& sample : host.samples) sample.used.cpu = 200;
  });
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
