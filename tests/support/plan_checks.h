#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "decide/ledger.h"
#include "decide/plan.h"
#include "decide/scalar.h"
#include "support/fleet_builder.h"

namespace plimsoll::test {

inline const HostState& host_named(const FleetSnapshot& fleet, const HostId& name) {
  return *std::find_if(fleet.hosts.begin(), fleet.hosts.end(),
                       [&](const HostState& host) { return host.name == name; });
}

inline const ContainerState& container_named(const HostState& host, const ContainerName& name) {
  return *std::find_if(host.containers.begin(), host.containers.end(),
                       [&](const ContainerState& each) { return each.name == name; });
}

inline bool share_a_port(const ContainerState& a, const ContainerState& b) {
  return !a.ports.empty() && !b.ports.empty() && a.ports[0] == b.ports[0];
}

/// Written without the engine's own rules: what must be so whatever they are.
inline void expect_allowed(const Move& move, const FleetSnapshot& fleet) {
  const HostState& to = host_named(fleet, move.to);
  const ContainerState& container = container_named(host_named(fleet, move.from), move.container);
  EXPECT_NE(move.from, move.to);
  EXPECT_TRUE(to.up && to.detailed && !to.drained);
  EXPECT_EQ(container.state, "running");
  EXPECT_FALSE(container.obstacles.privileged);
  const auto pin = container.labels.find("plimsoll.pin");
  EXPECT_TRUE(pin == container.labels.end() || pin->second == to.name.str());
  EXPECT_TRUE(std::none_of(to.containers.begin(), to.containers.end(), [&](const auto& other) {
    return other.state == "running" && share_a_port(container, other);
  }));
}

/// Another member of its unit goes first, so that it is no move at once of its own.
inline bool goes_along(const Move& move, const Plan& plan) {
  return std::any_of(plan.moves.begin(), plan.moves.end(), [&](const Move& other) {
    return !move.unit.empty() && other.unit == move.unit && other.from == move.from &&
           other.to == move.to && other.order < move.order;
  });
}

/// One of two moves by which one makes room for the other: named after both.
inline bool is_exchange(const Move& move) { return move.unit.find(", ") != std::string::npos; }

/// Every host with all moves landed, as the ledger has it before anything is planned.
struct Landed {
  std::map<HostId, Utilisation> load;   ///< Of givers.
  std::map<HostId, Utilisation> crowd;  ///< Of receivers.
  double worst = 0;

  Landed(const FleetSnapshot& fleet, const Policy& policy) {
    const Ledger ledger{fleet, policy, builder_now};
    for (const std::size_t host : ledger.by_name()) {
      const HostBook& book = ledger.book(host);
      load[book.state->name] = book.load;
      crowd[book.state->name] = book.crowd;
      worst = std::max(worst, level_of(book.load, policy).value_or(0));
      worst = std::max(worst, level_of(book.crowd, policy).value_or(0));
    }
  }

  /// One after the other; where two make room for each other, what has left has left.
  void expect_fine(const Plan& plan, const FleetSnapshot& fleet, const Policy& policy) {
    for (const Move& move : plan.moves) {
      const bool exchanges = is_exchange(move);
      carry_out(move, fleet, exchanges);
      expect_below(move.to, exchanges ? 1.0 : policy.target, policy);
    }
    for (const Move& move : plan.moves) expect_below(move.to, policy.target, policy);
  }

 private:
  void carry_out(const Move& move, const FleetSnapshot& fleet, bool exchanges) {
    const Capacity& here = host_named(fleet, move.from).capacity;
    const Capacity& there = host_named(fleet, move.to).capacity;
    load[move.from] = with_demand(load[move.from], move.demand, here, -1);
    if (exchanges) crowd[move.from] = with_demand(crowd[move.from], move.demand, here, -1);
    load[move.to] = with_demand(load[move.to], move.demand, there, 1);
    crowd[move.to] = with_demand(crowd[move.to], move.demand, there, 1);
  }
  void expect_below(const HostId& host, double share, const Policy& policy) {
    constexpr double rounding = 1e-6;
    const Utilisation& used = crowd[host];
    EXPECT_LE(used.cpu.value(), policy.line.cpu * share + rounding);
    EXPECT_LE(used.memory.value(), policy.line.memory * share + rounding);
    EXPECT_LE(level_of(used, policy).value(), std::min(share + rounding, worst));
  }
};

}  // namespace plimsoll::test
