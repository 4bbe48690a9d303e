#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "decide/decide.h"
#include "decide/ledger.h"
#include "decide/render.h"
#include "decide/scalar.h"
#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using std::chrono::seconds;

/// Fleets with everything in them that a rule looks at. `%` and not a distribution, so that a seed
/// gives the same fleet everywhere.
class RandomFleet {
 public:
  explicit RandomFleet(std::uint64_t seed) : random_(seed) {}

  FleetSnapshot make() {
    hosts_ = 1 + below(8);
    FleetBuilder fleet;
    for (std::uint64_t i = 0; i < hosts_; ++i) fleet.host(host(i));
    for (std::uint64_t i = below(10); i > 0; --i) {
      fleet.link(any_host(), any_host(), static_cast<double>(below(200)) * 1e6, 0.001);
    }
    for (std::uint64_t i = below(3); i > 0; --i)
      fleet.moved(any_container(), any_host(), any_host(), minutes{below(90)}, one_in(2));
    for (std::uint64_t i = below(3); i > 0; --i)
      fleet.under_way(any_container(), any_host(), any_host(),
                      {static_cast<double>(below(100)) / 100, Bytes{below(gib)}, Bytes{below(gib)}},
                      seconds{below(30)});
    return fleet;
  }
  Policy policy() {
    Policy policy;
    policy.scalar = std::array{Scalar::max, Scalar::sum, Scalar::norm}.at(below(3));
    policy.window = seconds{5 + below(60)};
    if (one_in(3)) policy.smoothing = Smoothing::percentile;
    return policy;
  }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t chance) { return below(chance) == 0; }
  template <class List>
  void shuffle(List& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[below(i)]);
  }

 private:
  std::string any_host() { return fmt::format("h{}", below(hosts_)); }
  std::string any_container() { return fmt::format("c{}", below(20)); }

  HostBuilder host(std::uint64_t number) {
    HostBuilder host{fmt::format("h{}", number)};
    const auto percent = [&] { return static_cast<double>(below(100)); };
    host.cores(static_cast<double>(1 + below(8)));
    host.load(one_in(3) ? 85 + percent() / 7 : percent() / 2, percent() * 0.95, percent() / 2);
    if (one_in(12)) host.silent();
    if (one_in(12)) host.drained();
    if (one_in(12)) host.set(&HostState::detailed, false);
    for (std::uint64_t i = below(8); i > 0; --i)
      host.runs(container(fmt::format("c{}{}", number, i)));
    return host;
  }
  ContainerBuilder container(const std::string& name) {
    ContainerBuilder container{name};
    container.cpu(static_cast<double>(below(300)) / 100).memory(below(2 * gib));
    container.image(fmt::format("i{}", below(5)), below(gib)).data(below(gib));
    if (one_in(3)) container.port(static_cast<std::uint16_t>(8000 + below(4)));
    if (one_in(6)) container.label("plimsoll.apart", "x");
    if (one_in(8)) container.label("plimsoll.pin", any_host());
    if (one_in(8)) container.obstacle(&Obstacles::privileged, true);
    if (one_in(12)) container.set(&ContainerState::state, "exited");
    return container;
  }

  std::mt19937_64 random_;
  std::uint64_t hosts_ = 0;
};

constexpr std::uint64_t seeds = 2000;

const HostState& host_named(const FleetSnapshot& fleet, const HostId& name) {
  return *std::find_if(fleet.hosts.begin(), fleet.hosts.end(),
                       [&](const HostState& host) { return host.name == name; });
}

const ContainerState& container_named(const HostState& host, const ContainerName& name) {
  return *std::find_if(host.containers.begin(), host.containers.end(),
                       [&](const ContainerState& each) { return each.name == name; });
}

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

bool share_a_port(const ContainerState& a, const ContainerState& b) {
  return !a.ports.empty() && !b.ports.empty() && a.ports[0] == b.ports[0];
}

/// Written without the engine's own rules: what must be so whatever they are.
void expect_allowed(const Move& move, const FleetSnapshot& fleet) {
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
    for (const Move& move : plan.moves) {
      ASSERT_LE(++busy[move.from], policy.moves_per_host) << "seed " << seed;
      ASSERT_LE(++busy[move.to], policy.moves_per_host) << "seed " << seed;
    }
    ASSERT_LE(plan.moves.size() + fleet.under_way.size(), 5U) << "seed " << seed;
  }
}

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
    }
  }

  void expect_fine(const Move& move, const FleetSnapshot& fleet, const Policy& policy) {
    constexpr double rounding = 1e-6;
    Utilisation& from = load[move.from];
    Utilisation& to = crowd[move.to];
    const double was = level_of(from, policy).value();
    from = with_demand(from, move.demand, host_named(fleet, move.from).capacity, -1);
    to = with_demand(to, move.demand, host_named(fleet, move.to).capacity, 1);
    EXPECT_LE(level_of(from, policy).value(), was);
    EXPECT_LE(to.cpu.value(), policy.line.cpu * policy.target + rounding);
    EXPECT_LE(to.memory.value(), policy.line.memory * policy.target + rounding);
    EXPECT_LE(level_of(to, policy).value(), std::min(policy.target + rounding, worst));
  }
};

TEST(Property, NoHostIsLoadedPastItsTargetAndTheWorstGetsNoWorse) {
  for (std::uint64_t seed = 0; seed < seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    Landed landed{fleet, policy};
    for (const Move& move : decide(fleet, policy, builder_now).moves) {
      landed.expect_fine(move, fleet, policy);
    }
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
