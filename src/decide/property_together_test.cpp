#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <set>

#include "decide/decide.h"
#include "decide/drain.h"
#include "decide/labels.h"
#include "decide/render.h"
#include "decide/unit.h"
#include "support/plan_checks.h"
#include "support/random_fleet.h"

// What must be so of every plan of several moves that belong together: units, exchanges, drains.

namespace plimsoll {
namespace {

using namespace test;

constexpr std::uint64_t seeds = 800;

const HostId& drained_host(const FleetSnapshot& fleet) { return fleet.hosts.front().name; }

Plan drain_first(const FleetSnapshot& fleet, const Policy& policy) {
  return plan_drain(fleet, policy, builder_now, drained_host(fleet));
}

bool moves_along(const ContainerState& container, const Move& move, const Plan& plan) {
  return std::any_of(plan.moves.begin(), plan.moves.end(), [&](const Move& other) {
    return other.container == container.name && other.from == move.from && other.to == move.to;
  });
}

/// Written without units_of: by the labels alone.
void expect_whole(const Move& move, const FleetSnapshot& fleet, const Plan& plan) {
  const HostState& from = host_named(fleet, move.from);
  const ContainerState& container = container_named(from, move.container);
  const auto group = container.labels.find("plimsoll.group");
  if (group == container.labels.end()) return;
  for (const ContainerState& other : from.containers) {
    const auto theirs = other.labels.find("plimsoll.group");
    if (other.state != "running" || theirs == other.labels.end()) continue;
    if (theirs->second != group->second) continue;
    EXPECT_TRUE(moves_along(other, move, plan)) << other.name.str() << " is left behind";
  }
}

void expect_no_container_twice(const Plan& plan) {
  std::set<std::pair<HostId, ContainerName>> seen;
  for (const Move& move : plan.moves) {
    EXPECT_TRUE(seen.insert({move.from, move.container}).second) << move.container.str();
  }
}

/// Groups find room only where their members are small.
FleetSnapshot with_small_containers(FleetSnapshot fleet) {
  for (HostState& host : fleet.hosts) {
    for (ContainerState& container : host.containers) {
      container.cpu_cores = *container.cpu_cores / 4;
      container.memory = Bytes{count(*container.memory) / 4};
    }
  }
  return fleet;
}

TEST(PropertyTogether, NoPlanTearsAGroupApart) {
  std::size_t of_units = 0;
  std::size_t of_exchanges = 0;
  for (std::uint64_t seed = 0; seed < seeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = with_small_containers(random.make());
    const Policy policy = random.policy();
    for (const Plan& plan : {decide(fleet, policy, builder_now), drain_first(fleet, policy)}) {
      expect_no_container_twice(plan);
      for (const Move& move : plan.moves) {
        expect_whole(move, fleet, plan);
        if (!move.unit.empty()) ++(is_exchange(move) ? of_exchanges : of_units);
      }
    }
  }
  EXPECT_GT(of_units, 40U) << "the fleets are too tame to show anything";
  EXPECT_GT(of_exchanges, 20U);
}

/// Each with a use that goes up and down, so that hosts are judged by spread.
FleetSnapshot with_samples(FleetSnapshot fleet) {
  for (HostState& host : fleet.hosts) {
    for (ContainerState& container : host.containers) {
      for (int i = 30; i >= 0; --i) {
        const double cpu = *container.cpu_cores * (i % 3 == 0 ? 1.6 : 0.7);
        container.samples.push_back(
            {builder_now - std::chrono::minutes{i}, cpu, *container.memory});
      }
    }
  }
  return fleet;
}

TEST(PropertyTogether, NorDoesOneThatJudgesBySpread) {
  std::size_t moves = 0;
  for (std::uint64_t seed = 0; seed < seeds / 2 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = with_samples(random.make());
    const Plan plan = decide(fleet, random.policy(), builder_now);
    expect_no_container_twice(plan);
    for (const Move& move : plan.moves) {
      expect_whole(move, fleet, plan);
      expect_allowed(move, fleet);
    }
    moves += plan.moves.size();
  }
  EXPECT_GT(moves, 50U);
}

TEST(PropertyTogether, NoDrainBreaksAConstraintOrLoadsAHostPastItsTarget) {
  std::size_t moves = 0;
  for (std::uint64_t seed = 0; seed < seeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    FleetSnapshot fleet = random.make();
    fleet.past.clear();  // Otherwise a person's plan judges by figures the ledger does not show.
    fleet.under_way.clear();
    const Policy policy = random.policy();
    const Plan plan = drain_first(fleet, policy);
    Landed landed{fleet, policy};
    landed.worst = std::numeric_limits<double>::infinity();  // What leaves must go somewhere.
    landed.expect_fine(plan, fleet, policy);
    for (const Move& move : plan.moves) {
      expect_allowed(move, fleet);
      EXPECT_NE(move.to, drained_host(fleet));
    }
    moves += plan.moves.size();
  }
  EXPECT_GT(moves, seeds / 4);
}

/// Before anything starts a person sees what becomes of every container.
TEST(PropertyTogether, ADrainMovesAContainerOrSaysWhyNot) {
  for (std::uint64_t seed = 0; seed < seeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Plan plan = drain_first(fleet, random.policy());
    std::set<ContainerName> told;
    bool all = false;
    for (const Move& move : plan.moves) told.insert(move.container);
    for (const Rejection& each : plan.rejected) {
      if (each.container) told.insert(*each.container);
      all = all || !each.container;
    }
    for (const Unit& unit : units_of(fleet.hosts.front())) {
      const bool known = std::any_of(unit.members.begin(), unit.members.end(),
                                     [&](const auto* each) { return told.contains(each->name); });
      EXPECT_TRUE(known || all) << describe_unit(unit);
    }
  }
}

TEST(PropertyTogether, TheOrderOfTheInputChangesNoDrain) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    const HostId host = drained_host(fleet);
    const std::string before = render_json(plan_drain(fleet, policy, builder_now, host));
    random.shuffle(fleet.hosts);
    random.shuffle(fleet.past);
    for (HostState& each : fleet.hosts) random.shuffle(each.containers);
    ASSERT_EQ(render_json(plan_drain(fleet, policy, builder_now, host)), before) << "seed " << seed;
  }
}

/// Longer names in the same order.
template <class Id>
Id renamed(const Id& id) {
  return Id{"x" + id.str() + "-renamed"};
}

FleetSnapshot renamed(FleetSnapshot fleet) {
  for (HostState& host : fleet.hosts) {
    host.name = renamed(host.name);
    for (ContainerState& container : host.containers) {
      container.name = renamed(container.name);
      const auto pin = container.labels.find("plimsoll.pin");
      if (pin != container.labels.end()) pin->second = renamed(HostId{pin->second}).str();
    }
  }
  for (Link& link : fleet.links) link.from = renamed(link.from), link.to = renamed(link.to);
  const auto rename = [](auto& move) {
    move.container = renamed(move.container);
    move.from = renamed(move.from);
    move.to = renamed(move.to);
  };
  for (MoveUnderWay& move : fleet.under_way) rename(move);
  for (PastMove& move : fleet.past) rename(move);
  return fleet;
}

TEST(PropertyTogether, NamesChangeNothingButNames) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    const Plan plan = decide(fleet, policy, builder_now);
    const Plan other = decide(renamed(fleet), policy, builder_now);
    ASSERT_EQ(plan.moves.size(), other.moves.size()) << "seed " << seed;
    for (std::size_t i = 0; i < plan.moves.size(); ++i) {
      ASSERT_EQ(renamed(plan.moves[i].container), other.moves[i].container) << "seed " << seed;
      ASSERT_EQ(renamed(plan.moves[i].to), other.moves[i].to) << "seed " << seed;
    }
    ASSERT_EQ(plan.rejected.size(), other.rejected.size()) << "seed " << seed;
  }
}

Policy with_rebalance(Policy policy) {
  policy.rebalance = true;
  return policy;
}

/// Every host as `change` makes it.
template <class Change>
void expect_no_moves(const Change& change) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = random.make();
    for (HostState& host : fleet.hosts) change(host);
    const Policy policy = with_rebalance(random.policy());
    EXPECT_TRUE(decide(fleet, policy, builder_now).moves.empty()) << "seed " << seed;
    EXPECT_TRUE(drain_first(fleet, policy).moves.empty()) << "seed " << seed;
  }
}

TEST(PropertyTogether, ASilentFleetStaysAsItIs) {
  expect_no_moves([](HostState& host) {
    host.up = false;
    host.drained = false;
  });
}

TEST(PropertyTogether, AnOverloadedFleetStaysAsItIs) {
  expect_no_moves([](HostState& host) {
    for (Sample& sample : host.samples) sample.used.cpu = 99;
    for (ContainerState& container : host.containers) container.cpu_cores = 0.1;
  });
}

TEST(PropertyTogether, ASingleHostHasNowhereToSendAnything) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = random.make();
    fleet.hosts.resize(1);
    const Policy policy = with_rebalance(random.policy());
    EXPECT_TRUE(decide(fleet, policy, builder_now).moves.empty());
    EXPECT_TRUE(drain_first(fleet, policy).moves.empty());
  }
}

TEST(PropertyTogether, AnEmptyFleetHasNoPlan) {
  EXPECT_TRUE(decide({}, with_rebalance({}), builder_now).moves.empty());
  EXPECT_TRUE(plan_drain({}, {}, builder_now, HostId{"h1"}).moves.empty());
}

}  // namespace
}  // namespace plimsoll
