// What a fleet decides from its store is what the same figures give a program on `plimsoll decide`.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <tuple>

#include "decide/decide.h"
#include "fleet/fleet_view.h"
#include "simulate/session.h"
#include "store/memory_store.h"
#include "support/run_task.h"
#include "telemetry/points.h"

namespace plimsoll {
namespace {

using std::chrono::minutes;

constexpr std::size_t hosts_count = 4;
constexpr std::size_t each_runs = 6;
const TimePoint beginning = parse_rfc3339("2026-11-22T12:00:00Z").value();

using Moves = std::set<std::tuple<std::string, std::string, std::string>>;

/// One sample, one window and one evaluation a minute, so that both count in the same steps.
Policy minute_by_minute() {
  Policy policy;
  policy.sample_every = policy.evaluate_every = policy.window = minutes{1};
  return policy;
}

/// Bursts that are small on one host and large on the others, drawn from a seed.
class BurstyFleet {
 public:
  explicit BurstyFleet(std::uint64_t seed)
      : random_(seed), session_(minute_by_minute(), pace(), limits()) {
    for (std::size_t i = 0; i < hosts_count; ++i) {
      Host host;
      host.name = HostId{fmt::format("h{}", i)};
      hosts_.push_back(host);
      HostState state;
      state.name = host.name;
      state.capacity = {4.0, Bytes{8 * gib}, Bytes{100 * gib}, Bytes{60 * gib}};
      session_.add_host(state);
      for (std::size_t j = 0; j < each_runs; ++j) {
        ContainerState container;
        container.name = ContainerName{fmt::format("c{}{}", i, j)};
        session_.add_container(container, i);
      }
    }
  }

  /// What the session decides on the figures of the next minute, which the store gets too.
  Moves step() {
    now_ += minutes{1};
    FleetUse use{.time = now_, .containers = {}, .hosts = {}};
    std::vector<Point> points;
    for (std::size_t i = 0; i < hosts_count; ++i) {
      HostReading reading = reading_of(i);
      for (const ContainerReading& container : reading.containers) {
        use.containers.push_back(
            {container.cpu_cores, Bytes{container.memory_working_set.value()}});
      }
      use.hosts.push_back({.cpu = reading.cpu.percent / 100 * 4,
                           .memory = Bytes{2 * gib},
                           .storage = Bytes{40 * gib}});
      for (auto& point : points_of(hosts_[i].name, reading, now_, true)) {
        points.push_back(std::move(point));
      }
      points.push_back(monitor_point(hosts_[i].name, now_, true, Duration{3}, 9, ""));
    }
    EXPECT_TRUE(run_task(context_, store_.write(std::move(points))));
    session_.step(use);
    return moves_of(session_.plan());
  }

  /// What the store gives decide() now. Without `memory` as a command that has just been started.
  Moves stored(ReadingMemory* memory) {
    auto fleet =
        run_task(context_, read_fleet(store_, hosts_, minute_by_minute(), now_, memory)).value();
    for (HostState& host : fleet.hosts) host.detailed = true;
    return moves_of(decide(fleet, minute_by_minute(), now_));
  }
  [[nodiscard]] std::set<std::string> hot(ReadingMemory* memory) {
    const auto view =
        run_task(context_, read_fleet_view(store_, hosts_, minute_by_minute(), now_, memory))
            .value();
    std::set<std::string> names;
    for (const HostRow& row : view.rows) {
      if (row.assessed.hot) names.insert(row.name.str());
    }
    return names;
  }
  [[nodiscard]] std::set<std::string> hot_in_session() const {
    std::set<std::string> names;
    for (const HostAssessment& host : session_.plan().hosts) {
      if (host.hot) names.insert(host.host.str());
    }
    return names;
  }

 private:
  static Pace pace() {
    Pace pace;
    pace.window = 1;
    pace.move_seconds = 0;
    return pace;
  }
  static SessionLimits limits() {
    SessionLimits limits;
    limits.step = minutes{1};
    return limits;
  }
  static Moves moves_of(const Plan& plan) {
    Moves moves;
    for (const Move& move : plan.moves) {
      moves.emplace(move.container.str(), move.from.str(), move.to.str());
    }
    return moves;
  }

  HostReading reading_of(std::size_t host) {
    HostReading reading;
    double cores = 0;
    for (std::size_t j = 0; j < each_runs; ++j) {
      const bool bursts = random_() % 5 == 0;
      const double used =
          (bursts ? (host == 0 ? 1.6 : 0.5) : 0.2) + static_cast<double>(random_() % 100) / 1000;
      ContainerReading container;
      container.id = fmt::format("{:0>64}", fmt::format("{}{}", host, j));
      container.name = fmt::format("c{}{}", host, j);
      container.state = "running";
      container.cpu_cores = used;
      container.memory_working_set = container.memory_usage = 64 * mib;
      reading.containers.push_back(container);
      cores += used;
    }
    reading.sampled_at = now_;
    reading.cpu.cores = 4;
    reading.cpu.percent = std::min(100.0, cores / 4 * 100);
    reading.memory.total = 8 * gib;
    reading.memory.available = 6 * gib;
    reading.filesystems.push_back({"/", "/dev/vda", "ext4", 100 * gib, 40 * gib, 60 * gib});
    reading.facts.architecture = "x86_64";
    reading.facts.docker_root_free_bytes = 60 * gib;
    return reading;
  }

  std::mt19937_64 random_;
  asio::io_context context_;
  MemoryStore store_;
  HostList hosts_;
  DecideSession session_;
  TimePoint now_ = beginning;
};

TEST(StoredDecisions, AreThoseOfTheSessionOnTheSameFigures) {
  std::size_t moved = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    BurstyFleet fleet{seed};
    ReadingMemory memory;
    for (int minute = 0; minute < 60; ++minute) {
      const Moves decided = fleet.step();
      ASSERT_EQ(fleet.stored(&memory), decided) << "seed " << seed << ", minute " << minute;
      ASSERT_EQ(fleet.stored(nullptr), decided) << "seed " << seed << ", minute " << minute;
      ASSERT_EQ(fleet.hot(&memory), fleet.hot_in_session())
          << "seed " << seed << ", minute " << minute;
      // From here on the session takes its moves as done.
      moved += decided.size();
      if (!decided.empty()) break;
    }
  }
  EXPECT_GT(moved, 10U) << "the fleets are too tame to show anything";
}

}  // namespace
}  // namespace plimsoll
