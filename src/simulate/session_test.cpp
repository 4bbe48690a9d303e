#include "simulate/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

HostState host_of(const std::string& name, double cpu) {
  HostState host;
  host.name = HostId{name};
  host.capacity.cpu_cores = cpu;
  return host;
}

ContainerState container_of(const std::string& name) {
  ContainerState container;
  container.name = ContainerName{name};
  container.writable_bytes = Bytes{};
  container.image_bytes = Bytes{};
  return container;
}

/// Two hosts of 10, the first of them with three containers. Steps are 5 minutes apart.
class TwoHosts {
 public:
  explicit TwoHosts(const Policy& policy = {}) : session{policy} {
    h1 = session.add_host(host_of("h1", 10));
    h2 = session.add_host(host_of("h2", 10));
    for (const char* name : {"a", "b", "c"}) {
      session.add_container(container_of(name), h1);
    }
  }

  std::vector<SessionMove> step(const std::vector<std::optional<double>>& cpu,
                                std::vector<HostUse> hosts = {}) {
    FleetUse use;
    use.time = now += minutes{5};
    for (const auto& figure : cpu) use.containers.push_back({figure, std::nullopt});
    use.hosts = std::move(hosts);
    return session.step(use);
  }
  std::vector<SessionMove> until_moved(const std::vector<std::optional<double>>& cpu) {
    for (int i = 0; i < 20; ++i) {
      auto moves = step(cpu);
      if (!moves.empty()) return moves;
    }
    return {};
  }
  [[nodiscard]] const HostState& host(std::size_t position) const {
    const HostId name{session.host_name(position)};
    for (const HostState& host : session.fleet().hosts) {
      if (host.name == name) return host;
    }
    throw std::out_of_range{name.str()};
  }

  DecideSession session;
  std::size_t h1 = 0;
  std::size_t h2 = 0;
  TimePoint now{};
};

TEST(DecideSession, AHostsUseIsTheSumOfItsContainers) {
  TwoHosts fleet;
  fleet.step({1.0, 2.0, 0.5});
  const HostState& h1 = fleet.host(fleet.h1);
  EXPECT_TRUE(h1.up);
  ASSERT_EQ(h1.samples.size(), 1U);
  EXPECT_DOUBLE_EQ(h1.samples[0].used.cpu.value(), 35);
  EXPECT_DOUBLE_EQ(h1.samples[0].used.memory.value(), 0);
  EXPECT_DOUBLE_EQ(fleet.host(fleet.h2).samples.at(0).used.cpu.value(), 0);
}

TEST(DecideSession, AHostsOwnFiguresComeFirst) {
  TwoHosts fleet;
  fleet.step({1.0, 2.0, 0.5}, {{.cpu = 5}, {.cpu = 1}});
  EXPECT_DOUBLE_EQ(fleet.host(fleet.h1).samples.at(0).used.cpu.value(), 50);
  EXPECT_DOUBLE_EQ(fleet.host(fleet.h2).samples.at(0).used.cpu.value(), 10);
}

TEST(DecideSession, MemoryAndStorageInPercentOfWhatIsThere) {
  DecideSession session{Policy{}};
  HostState host = host_of("h1", 4);
  host.capacity.memory = Bytes{8 * gib};
  host.capacity.storage = Bytes{100 * gib};
  session.add_host(host);
  session.step({.time = TimePoint{seconds{1}},
                .containers = {},
                .hosts = {{.cpu = 1, .memory = Bytes{2 * gib}, .storage = Bytes{70 * gib}}}});
  const HostState& seen = session.fleet().hosts.at(0);
  EXPECT_DOUBLE_EQ(seen.samples.at(0).used.memory.value(), 25);
  EXPECT_DOUBLE_EQ(seen.samples.at(0).used.storage.value(), 70);
  EXPECT_EQ(seen.capacity.storage_free, Bytes{30 * gib});
}

TEST(DecideSession, AContainersFiguresAreMeansOfTheWindowAndSamplesOfEachStep) {
  TwoHosts fleet;
  for (const double cpu : {4.0, 1.0, 2.0, 3.0}) fleet.step({cpu, 0.0, 0.0});
  const ContainerState& a = fleet.host(fleet.h1).containers.at(0);
  EXPECT_DOUBLE_EQ(a.cpu_cores.value(), 2) << "the window is 3 steps";
  ASSERT_EQ(a.samples.size(), 4U);
  EXPECT_DOUBLE_EQ(a.samples.front().cpu_cores, 4);
  EXPECT_EQ(a.samples.back().time, fleet.now);
}

TEST(DecideSession, MovesOffAnOverloadedHostAndTakesItAsDone) {
  TwoHosts fleet;
  const auto moves = fleet.until_moved({4.0, 3.0, 2.5});
  ASSERT_FALSE(moves.empty());
  EXPECT_EQ(moves[0].from, fleet.h1);
  EXPECT_EQ(moves[0].to, fleet.h2);
  EXPECT_FALSE(moves[0].reason.empty());
  EXPECT_EQ(fleet.session.host_of(moves[0].container), fleet.h2);
  EXPECT_EQ(fleet.session.fleet().past.size(), moves.size());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(fleet.step({4.0, 3.0, 2.5}).empty()) << i;
}

TEST(DecideSession, ConstantLoadBelowTheLineMovesNothing) {
  TwoHosts fleet;
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(fleet.step({3.0, 2.0, 1.0}).empty()) << i;
}

TEST(DecideSession, AMoveThatDidNotHappenIsAFailedAttempt) {
  TwoHosts fleet;
  const auto moves = fleet.until_moved({4.0, 3.0, 2.5});
  ASSERT_FALSE(moves.empty());
  for (const auto& move : moves) fleet.session.place(move.container, fleet.h1);
  EXPECT_EQ(fleet.session.host_of(moves[0].container), fleet.h1);
  ASSERT_EQ(fleet.session.fleet().past.size(), moves.size());
  EXPECT_FALSE(fleet.session.fleet().past[0].succeeded);
  for (const auto& next : fleet.step({4.0, 3.0, 2.5})) {
    EXPECT_NE(next.container, moves[0].container) << "it has just been tried";
  }
}

TEST(DecideSession, AMoveOfSomebodyElseIsNoted) {
  TwoHosts fleet;
  fleet.step({1.0, 1.0, 1.0});
  fleet.session.place(0, fleet.h2);
  ASSERT_EQ(fleet.session.fleet().past.size(), 1U);
  EXPECT_TRUE(fleet.session.fleet().past[0].succeeded);
  EXPECT_EQ(fleet.session.fleet().past[0].to, HostId{"h2"});
  fleet.session.place(0, fleet.h2);
  EXPECT_EQ(fleet.session.fleet().past.size(), 1U) << "it is there already";
}

TEST(DecideSession, WhereContainersStandBeforeTheFirstStepIsNoMove) {
  TwoHosts fleet;
  fleet.session.place(0, fleet.h2);
  EXPECT_TRUE(fleet.session.fleet().past.empty());
  EXPECT_EQ(fleet.session.host_of(0), fleet.h2);
}

TEST(DecideSession, AContainerThatIsNotSeenKeepsItsFiguresForAWhile) {
  TwoHosts fleet;
  fleet.step({1.0, 2.0, 3.0});
  for (int i = 0; i < 3; ++i) {
    fleet.step({1.0, 2.0, std::nullopt});
    EXPECT_DOUBLE_EQ(fleet.host(fleet.h1).samples.back().used.cpu.value(), 60) << i;
  }
  fleet.step({1.0, 2.0, std::nullopt});
  EXPECT_DOUBLE_EQ(fleet.host(fleet.h1).samples.back().used.cpu.value(), 30);
  EXPECT_EQ(fleet.host(fleet.h1).containers.at(2).state, "exited");
  fleet.step({1.0, 2.0, 3.0});
  EXPECT_DOUBLE_EQ(fleet.host(fleet.h1).samples.back().used.cpu.value(), 60);
  EXPECT_EQ(fleet.host(fleet.h1).containers.at(2).state, "running");
}

TEST(DecideSession, AHostOfWhichNothingIsHeardIsSilent) {
  TwoHosts fleet;
  fleet.step({1.0, 2.0, 3.0});
  fleet.step({});
  EXPECT_FALSE(fleet.host(fleet.h1).up);
  EXPECT_TRUE(fleet.host(fleet.h2).up) << "an empty host has nobody to speak for it";
  for (int i = 0; i < 10; ++i) fleet.step({});
  EXPECT_FALSE(fleet.host(fleet.h1).up) << "it must not become an empty host that receives";
  fleet.step({1.0, std::nullopt, std::nullopt});
  EXPECT_TRUE(fleet.host(fleet.h1).up);
}

TEST(DecideSession, AHostThatSpokeForItselfMustGoOn) {
  TwoHosts fleet;
  fleet.step({1.0, 2.0, 3.0}, {{.cpu = 6}, {.cpu = 1}});
  fleet.step({1.0, 2.0, 3.0}, {{.cpu = 6}});
  EXPECT_FALSE(fleet.host(fleet.h2).up);
  fleet.step({1.0, 2.0, 3.0}, {{.silent = true}, {.cpu = 1}});
  EXPECT_FALSE(fleet.host(fleet.h1).up);
  EXPECT_TRUE(fleet.host(fleet.h2).up);
}

TEST(DecideSession, HistoriesAreBounded) {
  SessionLimits limits;
  limits.container_samples = 40;
  DecideSession session{Policy{}, {}, limits};
  session.add_host(host_of("h1", 10));
  session.add_container(container_of("a"), 0);
  for (unsigned i = 1; i <= 500; ++i) {
    session.step(
        {.time = TimePoint{seconds{5U * i}}, .containers = {{1.0, std::nullopt}}, .hosts = {}});
    const HostState& host = session.fleet().hosts.at(0);
    ASSERT_LE(host.containers.at(0).samples.size(), 40U);
    ASSERT_GE(host.containers.at(0).samples.size(), std::min<std::size_t>(35, 1 + (i - 1) / 12))
        << "windows of a minute";
    ASSERT_LE(host.samples.size(), 30U);
    ASSERT_GE(host.samples.size(), std::min<std::size_t>(18, i)) << "window and hold need them";
  }
}

/// Steps of five seconds: one host that is calm for some minutes, then full for so many of them.
std::optional<int> answered_after(int steps) {
  DecideSession session{Policy{}};
  for (const char* name : {"h1", "h2"}) session.add_host(host_of(name, 4));
  for (const char* name : {"shop", "base"}) session.add_container(container_of(name), 0);
  session.add_container(container_of("other"), 1);
  for (int i = 0; i < 150; ++i) {
    const bool full = i >= 100 && i < 100 + steps;
    FleetUse use{.time = TimePoint{seconds{1000 + 5 * i}}, .containers = {}, .hosts = {}};
    use.containers = {{full ? 2.9 : 0.6, {}}, {1.0, {}}, {0.8, {}}};
    if (!session.step(use).empty()) return i - 100;
  }
  return std::nullopt;
}

TEST(DecideSession, ARiseIsAnsweredWhenItIsHeld) {
  EXPECT_EQ(answered_after(50), 2) << "in the third sample, ten seconds after the first";
  EXPECT_EQ(answered_after(3), 2);
  EXPECT_FALSE(answered_after(2));
  EXPECT_FALSE(answered_after(1));
}

TEST(DecideSession, FreedPositionsAreGivenAgain) {
  TwoHosts fleet;
  fleet.step({1.0, 2.0, 3.0});
  fleet.session.remove_container(1);
  EXPECT_FALSE(fleet.session.find_container("b"));
  EXPECT_EQ(fleet.session.add_container(container_of("d"), fleet.h2), 1U);
  EXPECT_EQ(fleet.session.container_count(), 3U);
  fleet.step({1.0, 2.0, 3.0});
  EXPECT_DOUBLE_EQ(fleet.host(fleet.h1).samples.back().used.cpu.value(), 40);
  EXPECT_DOUBLE_EQ(fleet.host(fleet.h2).samples.back().used.cpu.value(), 20);
}

TEST(DecideSession, AHostGoesWithItsContainers) {
  TwoHosts fleet;
  fleet.session.remove_host(fleet.h1);
  EXPECT_FALSE(fleet.session.find_host("h1"));
  EXPECT_FALSE(fleet.session.find_container("a"));
  EXPECT_EQ(fleet.session.find_host("h2"), fleet.h2);
  EXPECT_TRUE(fleet.step({1.0, 1.0, 1.0}).empty());
  EXPECT_EQ(fleet.session.add_host(host_of("h3", 4)), fleet.h1);
  const std::size_t e = fleet.session.add_container(container_of("e"), fleet.h1);
  EXPECT_LT(e, 3U);
  EXPECT_EQ(fleet.session.container_name(e), "e");
  EXPECT_EQ(fleet.session.host_name(fleet.h1), "h3");
}

TEST(DecideSession, ADrainedHostReceivesNothing) {
  TwoHosts fleet;
  fleet.session.drain(fleet.h2, true);
  EXPECT_TRUE(fleet.until_moved({4.0, 3.0, 2.5}).empty());
}

}  // namespace
}  // namespace plimsoll
