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

/// Written without the engine's own rules: what must be so whatever they are.
TEST(Property, NoPlanBreaksAConstraint) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    const Plan plan = decide(fleet, policy, builder_now);
    std::map<HostId, int> busy;
    for (const MoveUnderWay& move : fleet.under_way) ++busy[move.from], ++busy[move.to];
    for (const Move& move : plan.moves) {
      ++busy[move.from], ++busy[move.to];
      const HostState& from = host_named(fleet, move.from);
      const HostState& to = host_named(fleet, move.to);
      const ContainerState& container = container_named(from, move.container);
      ASSERT_NE(move.from, move.to);
      ASSERT_TRUE(to.up && to.detailed && !to.drained);
      ASSERT_EQ(container.state, "running");
      ASSERT_FALSE(container.obstacles.privileged);
      const auto pin = container.labels.find("plimsoll.pin");
      ASSERT_TRUE(pin == container.labels.end() || pin->second == to.name.str());
      for (const ContainerState& other : to.containers) {
        if (other.state != "running" || container.ports.empty() || other.ports.empty()) continue;
        ASSERT_NE(container.ports[0], other.ports[0]);
      }
      ASSERT_LE(busy[move.from], policy.moves_per_host);
      ASSERT_LE(busy[move.to], policy.moves_per_host);
    }
    ASSERT_LE(plan.moves.size() + fleet.under_way.size(),
              std::max<std::size_t>(fleet.under_way.size(), 5));
  }
}

TEST(Property, NoHostIsLoadedPastItsTargetAndTheWorstGetsNoWorse) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Policy policy = random.policy();
    std::map<HostId, Utilisation> load;   // of givers
    std::map<HostId, Utilisation> crowd;  // of receivers
    double worst = 0;
    const Ledger ledger{fleet, policy, builder_now};
    for (const std::size_t host : ledger.by_name()) {
      load[ledger.book(host).state->name] = ledger.book(host).load;
      crowd[ledger.book(host).state->name] = ledger.book(host).crowd;
      worst = std::max(worst, level_of(ledger.book(host).load, policy).value_or(0));
    }
    for (const Move& move : decide(fleet, policy, builder_now).moves) {
      Utilisation& from = load[move.from];
      Utilisation& to = crowd[move.to];
      const double was = *level_of(from, policy);
      from = with_demand(from, move.demand, host_named(fleet, move.from).capacity, -1);
      to = with_demand(to, move.demand, host_named(fleet, move.to).capacity, 1);
      ASSERT_LE(*level_of(from, policy), was);
      ASSERT_LE(*to.cpu, policy.line.cpu * policy.target + 1e-6);
      ASSERT_LE(*to.memory, policy.line.memory * policy.target + 1e-6);
      ASSERT_LE(*level_of(to, policy), policy.target + 1e-6);
      ASSERT_LE(*level_of(to, policy), worst);
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

/// No move says nothing by itself: a host in need always gets its reason.
TEST(Property, AHotHostIsRelievedOrTheReasonIsGiven) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomFleet random{seed};
    const FleetSnapshot fleet = random.make();
    const Plan plan = decide(fleet, random.policy(), builder_now);
    for (const HostAssessment& seen : plan.hosts) {
      if (!seen.hot) continue;
      const bool moved = std::any_of(plan.moves.begin(), plan.moves.end(),
                                     [&](const Move& move) { return move.from == seen.host; });
      const bool said =
          std::any_of(plan.rejected.begin(), plan.rejected.end(), [&](const Rejection& rejection) {
            return (rejection.host == seen.host && !rejection.container) ||
                   rejection.rule == Rule::silent_fleet;
          });
      ASSERT_TRUE(moved || said) << "seed " << seed << " host " << seen.host.str();
    }
  }
}

/// A constant load is left alone once the moves have been made: no second plan, no ping-pong.
TEST(Property, AConstantLoadSettles) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomFleet random{seed};
    FleetSnapshot fleet = random.make();
    fleet.under_way.clear();
    fleet.past.clear();
    std::map<std::string, std::vector<HostId>> way;
    for (int round = 0; round < 6; ++round) {
      const TimePoint now = builder_now + round * minutes{10};
      for (HostState& host : fleet.hosts) {
        for (Sample& sample : host.samples) sample.time += minutes{round == 0 ? 0 : 10};
        host.last_seen = now;
      }
      for (const Move& move : decide(fleet, Policy{}, now).moves) {
        auto& from = const_cast<HostState&>(host_named(fleet, move.from));
        auto& to = const_cast<HostState&>(host_named(fleet, move.to));
        const ContainerState moved = container_named(from, move.container);
        for (Sample& s : from.samples) s.used = with_demand(s.used, move.demand, from.capacity, -1);
        for (Sample& s : to.samples) s.used = with_demand(s.used, move.demand, to.capacity, 1);
        std::erase_if(from.containers, [&](const auto& each) { return each.name == moved.name; });
        to.containers.push_back(moved);
        fleet.past.push_back({move.container, move.from, move.to, now, now + seconds{5}, true});
        for (const HostId& left : way[move.container.str()]) ASSERT_NE(left, move.to) << seed;
        way[move.container.str()].push_back(move.from);
      }
    }
    for (const auto& [container, left] : way)
      EXPECT_LE(left.size(), 1U) << container << ' ' << seed;
  }
}

}  // namespace
}  // namespace plimsoll
