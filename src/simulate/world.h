#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/predict.h"
#include "simulate/scenario.h"

namespace plimsoll {

/// A move in the world.
struct WorldMove {
  Move move;
  std::vector<std::size_t> waits_for;  ///< Moves that have to end well before it starts.
  TimePoint ordered;
  std::optional<TimePoint> started;  ///< Absent: it waits.
  TimePoint ends;                    ///< When it is, or will be, over.
  Prediction takes;
  bool over = false;
  bool succeeded = false;
};

/// A fleet that lives: loads follow their curves, events happen, moves take their time, and
/// telemetry tells of it what it would tell in production. Pure: the same scenario and the same
/// moves give the same world.
///
///     World world{scenario};
///     for (; time <= end; time += step) {
///       world.live_until(time);
///       world.order(decide(world.seen(), policy, time).moves, World::Turns::within_units);
///     }
class World {
 public:
  explicit World(const Scenario& scenario);

  /// Lets happen what happens up to `time`, and takes the sample of that moment.
  /// Requires: each call one sample interval later than the one before.
  void live_until(TimePoint time);

  /// What is known of the fleet: what decide() is given.
  [[nodiscard]] const FleetSnapshot& seen() const { return seen_; }

  /// Which moves of an order wait for those that have a lower Move::order.
  enum class Turns { within_units, among_all };
  /// Begins moves that nothing keeps waiting; the others follow in their turn, unless one before
  /// them fails. A container runs at both ends until its move is over.
  void order(const std::vector<Move>& moves, Turns turns);
  /// Positions in moves() of those that have started since the last call.
  [[nodiscard]] std::vector<std::size_t> take_started() { return std::exchange(started_, {}); }

  /// Position of the host that the container runs on.
  [[nodiscard]] std::size_t place_of(std::size_t container) const {
    return containers_[container].host;
  }
  /// Whether somebody asks now that the host be emptied: at the event, and every few minutes as
  /// long as something is left there.
  [[nodiscard]] bool take_emptying(std::size_t host);
  /// How deep a host really lay over the last window, nothing told by telemetry: 1 is its line.
  /// Absent: it is not there, or lost.
  [[nodiscard]] std::optional<double> level_of_host(std::size_t host) const;
  /// In the order in which they began.
  [[nodiscard]] const std::vector<WorldMove>& moves() const { return moves_; }

 private:
  struct HostLife {
    bool there = true;
    bool lost = false;
    bool mute = false;                   // its agent does not answer
    bool ageing = false;                 // its agent answers with old figures
    bool refuses = false;                // moves to it fail
    std::optional<TimePoint> empty_at;   // somebody wants all containers off, or asks again
    double cpu = 0;                      // cores wanted by all
    double memory = 0;                   // bytes in use by all
    double moved_in = 0;                 // bytes that moves have brought to its disk
    std::vector<std::size_t> residents;  // in the order of HostState::containers
    std::deque<Sample> window;
  };
  struct ContainerLife {
    std::size_t host = 0;
    std::uint64_t seed = 0;
    double cpu = 0;  // cores it gets
    double memory = 0;
    std::deque<ContainerSample> window;
    TimePoint told;             // end of the newest of ContainerState::samples
    std::vector<double> peaks;  // of these, as long as sudden_span()
    double peak = 0;            // since then
  };

  void join(std::size_t host);
  void live_before();
  void live();
  void happen(const ScenarioEvent& event);
  void set_rate(const ScenarioEvent& event);
  void start(std::size_t which);
  void end_moves();
  void end(WorldMove& move, bool succeeded);
  void start_waiting();
  [[nodiscard]] bool could_end_well(const Move& move) const;
  void land(const WorldMove& move);
  void want();
  void share_out();
  [[nodiscard]] Utilisation use_of(std::size_t host) const;
  void tell(std::size_t host);
  void tell_container(std::size_t host, std::size_t resident);
  [[nodiscard]] std::optional<double> blurred(std::optional<double> percent, std::size_t host,
                                              std::size_t what) const;
  void forget();

  [[nodiscard]] bool alive(std::size_t host) const {
    return hosts_[host].there && !hosts_[host].lost;
  }
  [[nodiscard]] Duration since_start() const { return now_ - scenario_.start; }
  [[nodiscard]] HostState& state(std::size_t host) { return seen_.hosts[in_snapshot_[host]]; }
  [[nodiscard]] std::size_t host_at(const HostId& name) const;
  [[nodiscard]] std::size_t resident_of(const ContainerName& name, std::size_t host) const;
  [[nodiscard]] Way way(const HostId& from, const HostId& to) const;

  const Scenario& scenario_;
  TimePoint now_;
  std::size_t next_event_ = 0;
  FleetSnapshot seen_;
  std::vector<HostLife> hosts_;
  std::vector<ContainerLife> containers_;
  std::vector<WorldMove> moves_;
  std::vector<std::size_t> started_;
  std::unordered_map<std::string, std::size_t> host_positions_;
  std::vector<std::size_t> in_snapshot_;  // of a host: position in seen_.hosts
};

}  // namespace plimsoll
