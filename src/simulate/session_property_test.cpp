#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <utility>

#include "decide/decide.h"
#include "simulate/session.h"
#include "support/voyage.h"

namespace plimsoll {
namespace {

using test::Voyage;

constexpr std::uint64_t seeds = 30;
constexpr int steps = 40;
constexpr Duration spacing = std::chrono::minutes{5};

DecideSession session_of(const Voyage& voyage, const Policy& policy = {}) {
  DecideSession session{policy};
  for (const HostState& host : voyage.hosts) session.add_host(host);
  for (const auto& container : voyage.containers) {
    session.add_container(container.state, container.host);
  }
  return session;
}

TimePoint time_of(int step) { return TimePoint{} + step * spacing; }

/// "c001: h00 > h02", sorted: what a step decided, without its reasons.
std::vector<std::string> told(const DecideSession& session) {
  std::vector<std::string> moves;
  for (const SessionMove& move : session.moves()) {
    moves.push_back(fmt::format("{}: {} > {}", session.container_name(move.container),
                                session.host_name(move.from), session.host_name(move.to)));
  }
  return moves;
}

std::string reasons(const DecideSession& session) {
  std::string all;
  for (const SessionMove& move : session.moves()) all += move.reason + "\n";
  return all;
}

/// Follows the moves of a session with a record of its own, and holds them against the rules.
class Watcher {
 public:
  Watcher(const Voyage& voyage, const DecideSession& session) : voyage_(voyage), session_(session) {
    for (const auto& container : voyage.containers) place_.push_back(container.host);
  }

  void check_step(TimePoint now) {
    std::set<std::size_t> moved;
    for (const SessionMove& move : session_.moves()) {
      SCOPED_TRACE(fmt::format("{} from {} to {}: {}", session_.container_name(move.container),
                               session_.host_name(move.from), session_.host_name(move.to),
                               move.reason));
      ASSERT_EQ(place_.at(move.container), move.from);
      ASSERT_NE(move.from, move.to);
      ASSERT_TRUE(moved.insert(move.container).second) << "twice in one step";
      check_rest(move, now);
      check_fit(move);
      place_[move.container] = move.to;
    }
    for (const SessionMove& move : session_.moves()) check_company(move);
    for (std::size_t i = 0; i < place_.size(); ++i) ASSERT_EQ(session_.host_of(i), place_[i]);
    moves += session_.moves().size();
  }

  std::size_t moves = 0;

 private:
  void check_rest(const SessionMove& move, TimePoint now) {
    const Policy& policy = session_.policy();
    const auto last = last_move_.find(move.container);
    if (last != last_move_.end()) {
      ASSERT_GE(now - last->second, policy.container_cooldown) << "moved again too soon";
    }
    last_move_[move.container] = now;
    const auto left = left_.find({move.container, move.to});
    if (left != left_.end()) {
      ASSERT_GE(now - left->second, policy.return_after) << "it goes back";
    }
    left_[{move.container, move.from}] = now;
  }
  void check_fit(const SessionMove& move) {
    const ContainerState& container = voyage_.containers[move.container].state;
    const HostState& from = voyage_.hosts[move.from];
    const HostState& to = voyage_.hosts[move.to];
    ASSERT_FALSE(to.drained);
    if (!container.architecture.empty()) {
      ASSERT_EQ(container.architecture, to.architecture);
    }
    ASSERT_FALSE(container.labels.contains("plimsoll.move"));
    const auto pin = container.labels.find("plimsoll.pin");
    if (pin != container.labels.end()) {
      ASSERT_TRUE(pin->second == to.name.str() || "disk=" + to.labels.at("disk") == pin->second);
    }
    if (container.cpu_limit_cores && *container.cpu_limit_cores <= *from.capacity.cpu_cores) {
      ASSERT_LE(*container.cpu_limit_cores, *to.capacity.cpu_cores);
    }
    if (container.memory_limit && *container.memory_limit <= *from.capacity.memory) {
      ASSERT_LE(*container.memory_limit, *to.capacity.memory);
    }
  }
  /// With whom it shares its new host once all moves of the step are done.
  void check_company(const SessionMove& move) {
    const auto& mover = voyage_.containers[move.container];
    double memory = 0;
    for (std::size_t i = 0; i < place_.size(); ++i) {
      if (place_[i] != move.to) continue;
      const auto& other = voyage_.containers[i];
      memory += as_double(other.memory);
      if (i == move.container) continue;
      for (const PublishedPort& port : mover.state.ports) {
        ASSERT_EQ(std::count(other.state.ports.begin(), other.state.ports.end(), port), 0);
      }
      const auto apart = mover.state.labels.find("plimsoll.apart");
      if (apart == mover.state.labels.end()) continue;
      const auto theirs = other.state.labels.find("plimsoll.apart");
      ASSERT_TRUE(theirs == other.state.labels.end() || theirs->second != apart->second);
    }
    ASSERT_LE(memory, as_double(*voyage_.hosts[move.to].capacity.memory));
  }

  const Voyage& voyage_;
  const DecideSession& session_;
  std::vector<std::size_t> place_;
  std::map<std::size_t, TimePoint> last_move_;
  std::map<std::pair<std::size_t, std::size_t>, TimePoint> left_;
};

TEST(SessionProperty, NoMoveBreaksAConstraintNorComesTooSoon) {
  std::size_t moves = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Voyage voyage{seed};
    DecideSession session = session_of(voyage);
    Watcher watcher{voyage, session};
    for (int step = 1; step <= steps; ++step) {
      session.step({time_of(step), voyage.next_load(), {}});
      watcher.check_step(time_of(step));
      if (testing::Test::HasFatalFailure()) return;
    }
    moves += watcher.moves;
  }
  EXPECT_GT(moves, seeds) << "too little happened to prove anything";
}

/// The mean of the newest samples.
double used_of_late(const ContainerState& container, std::size_t most) {
  const auto& samples = container.samples;
  const std::size_t count = std::min(samples.size(), most);
  double sum = 0;
  for (std::size_t i = samples.size() - count; i < samples.size(); ++i) sum += samples[i].cpu_cores;
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

/// The deepest host in shares of its capacity by so many samples: as it is after the moves of the
/// last step, or as it was before them.
double deepest(const DecideSession& session, std::size_t samples, bool before) {
  std::map<std::string, std::string> came_from;
  for (const SessionMove& move : session.moves()) {
    came_from[session.container_name(move.container)] = session.host_name(move.from);
  }
  std::map<std::string, double> cpu;
  for (const HostState& host : session.fleet().hosts) {
    for (const ContainerState& container : host.containers) {
      const auto moved = came_from.find(container.name.str());
      const bool elsewhere = before && moved != came_from.end();
      cpu[elsewhere ? moved->second : host.name.str()] += used_of_late(container, samples);
    }
  }
  double worst = 0;
  for (const HostState& host : session.fleet().hosts) {
    worst = std::max(worst, cpu[host.name.str()] / *host.capacity.cpu_cores);
  }
  return worst;
}

/// A rule may go by the window or by all samples that a detector looks at; below its target no host
/// is in need.
TEST(SessionProperty, NoPlanMakesTheWorstHostWorse) {
  const Policy policy;
  const double target = policy.target * policy.line.cpu / 100;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Voyage voyage{seed};
    DecideSession session = session_of(voyage);
    for (int step = 1; step <= steps; ++step) {
      session.step({time_of(step), voyage.next_load(), {}});
      const auto worse = [&](std::size_t samples) {
        return deepest(session, samples, false) >
               std::max(deepest(session, samples, true), target) + 1e-9;
      };
      ASSERT_FALSE(worse(3) && worse(36))
          << "seed " << seed << " step " << step << ": " << reasons(session);
    }
  }
}

TEST(SessionProperty, ConstantLoadComesToRest) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Voyage voyage{seed};
    DecideSession session = session_of(voyage);
    int last = 0;
    for (int step = 1; step <= 120; ++step) {
      if (!session.step({time_of(step), voyage.usual_load(), {}}).empty()) last = step;
    }
    EXPECT_LT(last, 80) << "seed " << seed;
  }
}

TEST(SessionProperty, ConstantLoadBelowEveryLineMovesNothing) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Voyage voyage{seed};
    std::vector<double> cpu(voyage.hosts.size());
    std::vector<double> memory(voyage.hosts.size());
    for (auto& container : voyage.containers) {
      const HostState& host = voyage.hosts[container.host];
      cpu[container.host] += container.base;
      memory[container.host] += as_double(container.memory);
      const bool deep = cpu[container.host] > 0.7 * *host.capacity.cpu_cores ||
                        memory[container.host] > 0.7 * as_double(*host.capacity.memory);
      if (!deep) continue;
      cpu[container.host] -= std::exchange(container.base, 0);
      memory[container.host] -= as_double(std::exchange(container.memory, Bytes{}));
    }
    DecideSession session = session_of(voyage);
    for (int step = 1; step <= 60; ++step) {
      ASSERT_TRUE(session.step({time_of(step), voyage.usual_load(), {}}).empty())
          << "seed " << seed << " " << told(session).front();
    }
  }
}

/// A voyage played with its hosts and containers added in another order, or under other names that
/// sort in the same way.
std::vector<std::vector<std::string>> play(std::uint64_t seed, bool reorder,
                                           const std::string& prefix = "") {
  Voyage voyage{seed};
  std::vector<std::size_t> hosts(voyage.hosts.size());
  std::vector<std::size_t> containers(voyage.containers.size());
  std::vector<std::size_t> host_order(hosts.size());
  std::vector<std::size_t> container_order(containers.size());
  std::iota(host_order.begin(), host_order.end(), std::size_t{0});
  std::iota(container_order.begin(), container_order.end(), std::size_t{0});
  if (reorder) {
    std::reverse(host_order.begin(), host_order.end());
    std::mt19937_64 random{seed + 1};
    for (std::size_t i = container_order.size(); i > 1; --i) {
      std::swap(container_order[i - 1], container_order[random() % i]);
    }
  }
  DecideSession session{Policy{}};
  for (const std::size_t i : host_order) {
    HostState host = voyage.hosts[i];
    host.name = HostId{prefix + host.name.str()};
    hosts[i] = session.add_host(host);
  }
  for (const std::size_t i : container_order) {
    ContainerState container = voyage.containers[i].state;
    container.name = ContainerName{prefix + container.name.str()};
    const auto pin = container.labels.find("plimsoll.pin");
    if (pin != container.labels.end() && pin->second == "h00") pin->second = prefix + "h00";
    containers[i] = session.add_container(container, hosts[voyage.containers[i].host]);
  }
  std::vector<std::vector<std::string>> all;
  for (int step = 1; step <= steps; ++step) {
    const auto load = voyage.next_load();
    FleetUse use{time_of(step), std::vector<ContainerUse>(load.size()), {}};
    for (std::size_t i = 0; i < load.size(); ++i) use.containers[containers[i]] = load[i];
    std::vector<std::string> moves;
    for (const SessionMove& move : session.step(use)) {
      moves.push_back(fmt::format("{}: {} > {}",
                                  session.container_name(move.container).substr(prefix.size()),
                                  session.host_name(move.from).substr(prefix.size()),
                                  session.host_name(move.to).substr(prefix.size())));
    }
    all.push_back(std::move(moves));
  }
  return all;
}

TEST(SessionProperty, OrderAndNamesChangeNothingButTheNames) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto plain = play(seed, false);
    ASSERT_EQ(play(seed, true), plain) << "seed " << seed;
    ASSERT_EQ(play(seed, false, "renamed-"), plain) << "seed " << seed;
  }
}

HostAssessment assessed(const DecideSession& session, const std::string& name, TimePoint now) {
  const auto all = assess(session.fleet(), session.policy(), now);
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const HostAssessment& seen) { return seen.host.str() == name; });
  return found == all.end() ? HostAssessment{} : *found;
}

TEST(SessionProperty, MoreLoadNeverRanksAHostLower) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Voyage voyage{seed};
    DecideSession less = session_of(voyage);
    DecideSession more = session_of(voyage);
    const std::size_t host = voyage.below(voyage.hosts.size());
    const std::string& name = voyage.hosts[host].name.str();
    for (int step = 1; step <= steps; ++step) {
      const TimePoint now = time_of(step);
      auto load = voyage.next_load();
      less.step({now, load, {}});
      for (std::size_t i = 0; i < load.size(); ++i) {
        if (voyage.containers[i].host == host) *load[i].cpu += voyage.share();
      }
      more.step({now, load, {}});
      if (!less.moves().empty() || !more.moves().empty()) break;
      ASSERT_GE(assessed(more, name, now).level, assessed(less, name, now).level)
          << "seed " << seed << " step " << step;
    }
  }
}

TEST(SessionProperty, AnEmptyFleetMovesNothing) {
  DecideSession session{Policy{}};
  for (int step = 1; step <= 20; ++step) {
    EXPECT_TRUE(session.step({time_of(step), {}, {}}).empty());
  }
}

TEST(SessionProperty, ASingleHostMovesNothing) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Voyage voyage{seed};
    voyage.hosts.resize(1);
    for (auto& container : voyage.containers) container.host = 0;
    DecideSession session = session_of(voyage);
    for (int step = 1; step <= 20; ++step) {
      ASSERT_TRUE(session.step({time_of(step), voyage.next_load(), {}}).empty());
    }
  }
}

TEST(SessionProperty, WhereAllAreOverloadedNothingIsShuffledAbout) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Voyage voyage{seed};
    std::vector<double> used(voyage.hosts.size());
    for (const auto& container : voyage.containers) used[container.host] += container.base;
    for (auto& container : voyage.containers) {
      const double capacity = *voyage.hosts[container.host].capacity.cpu_cores;
      if (used[container.host] > 0) container.base *= 1.2 * capacity / used[container.host];
    }
    std::vector<HostUse> all;
    for (const HostState& host : voyage.hosts) {
      all.push_back({.cpu = 1.2 * *host.capacity.cpu_cores});
    }
    DecideSession session = session_of(voyage);
    for (int step = 1; step <= 20; ++step) {
      ASSERT_TRUE(session.step({time_of(step), voyage.usual_load(), all}).empty())
          << "seed " << seed << " step " << step << " " << reasons(session);
    }
  }
}

TEST(SessionProperty, AFleetThatFallsSilentStandsStill) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Voyage voyage{seed};
    DecideSession session = session_of(voyage);
    const std::vector<HostUse> silent(voyage.hosts.size(), HostUse{.silent = true});
    for (int step = 1; step <= 10; ++step) session.step({time_of(step), voyage.next_load(), {}});
    for (int step = 11; step <= 40; ++step) {
      ASSERT_TRUE(session.step({time_of(step), voyage.next_load(), silent}).empty());
    }
  }
}

}  // namespace
}  // namespace plimsoll
