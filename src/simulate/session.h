#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/time.h"
#include "core/units.h"
#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/policy.h"
#include "simulate/pace.h"

namespace plimsoll {

/// What a container used over one step. CPU is in the unit of the hosts' capacities, whatever that
/// is. Without CPU the container was not seen in this step.
struct ContainerUse {
  std::optional<double> cpu;
  std::optional<Bytes> memory;
};

/// What a host used over one step, with all that runs there. What is absent is added up from its
/// containers.
struct HostUse {
  std::optional<double> cpu;
  std::optional<Bytes> memory;
  std::optional<Bytes> storage;
  bool silent = false;  ///< It gave no telemetry: what is left out must not be added up.
};

/// One step: what all used since the step before. By position; a list may be shorter than the
/// fleet.
struct FleetUse {
  TimePoint time;
  std::vector<ContainerUse> containers;
  std::vector<HostUse> hosts;
};

/// A move that a step decided on, by position.
struct SessionMove {
  std::size_t container = 0;
  std::size_t from = 0;
  std::size_t to = 0;
  std::string reason;  ///< One sentence for people.
};

struct SessionLimits {
  /// Samples kept of each container, each of a step, or of a window where that is longer, less
  /// where the fleet is so large that all of them together would pass `samples_in_all`. Ours: a day
  /// of 5 minute steps.
  std::size_t container_samples = 288;
  std::size_t samples_in_all = 16'000'000;
  /// Verdicts and rejections kept in a plan (Policy::explain_max): their words cost time.
  std::size_t explain_max = 3;
  /// How far apart steps are; absent: as StepLength finds out.
  std::optional<Duration> step;
};

/// A fleet between one step and the next: it takes what was used, asks decide(), and takes the
/// moves that came out as done. Holds the histories that decide() looks at, bounded.
///
/// Hosts and containers are known by the position that adding them gave; it stays theirs until they
/// are removed, then the next that is added gets it. Names are unique in the whole fleet, of hosts
/// and of containers. In which order they are added changes no decision.
///
///     DecideSession session{policy};
///     const auto h1 = session.add_host(host);
///     const auto web = session.add_container(container, h1);
///     for (const SessionMove& move : session.step(use)) ...
///
/// What the fleet leaves open: a host without memory or storage has more than anybody can use; a
/// container without memory figures uses none. A container that is not seen keeps its last figures
/// for stale_after steps; then it counts as stopped, until it is seen again. A host that says
/// nothing of itself uses the sum of its containers; if none of these was seen either, it is
/// silent.
class DecideSession {
 public:
  /// Requires: check(policy) finds nothing.
  explicit DecideSession(const Policy& policy, const Pace& pace = {},
                         const SessionLimits& limits = {});

  /// Of `host` the name, labels, architecture, capacity, drained, images, layers and ports are
  /// taken over. Requires: the name is new.
  std::size_t add_host(const HostState& host);
  /// Figures of `container` are not looked at, they come with the steps. Requires: the name is new.
  std::size_t add_container(ContainerState container, std::size_t host);
  void remove_container(std::size_t container);
  /// Its containers go with it.
  void remove_host(std::size_t host);
  void drain(std::size_t host, bool drained);
  void set_links(std::vector<Link> links);

  /// Where a container really runs, before the step that says so. A move of the last step that did
  /// not happen becomes a failed attempt; anything else, a move that somebody else made.
  void place(std::size_t container, std::size_t host);

  /// What is to be moved now. Moves count as done when it returns.
  /// Requires: later than the step before.
  const std::vector<SessionMove>& step(const FleetUse& use);

  [[nodiscard]] std::optional<std::size_t> find_host(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> find_container(std::string_view name) const;
  [[nodiscard]] const std::string& host_name(std::size_t host) const;
  [[nodiscard]] const std::string& container_name(std::size_t container) const;
  [[nodiscard]] std::size_t host_of(std::size_t container) const;
  /// Positions are below these; some may be free.
  [[nodiscard]] std::size_t host_count() const { return hosts_.size(); }
  [[nodiscard]] std::size_t container_count() const { return containers_.size(); }
  /// How many there are.
  [[nodiscard]] std::size_t hosts_alive() const { return host_names_.size(); }
  [[nodiscard]] std::size_t containers_alive() const { return container_names_.size(); }
  [[nodiscard]] std::optional<TimePoint> last_time() const { return last_time_; }

  /// What the last step gave.
  [[nodiscard]] const std::vector<SessionMove>& moves() const { return moves_; }
  /// The plan of the last step, with what was rejected.
  [[nodiscard]] const Plan& plan() const { return plan_; }
  /// As decide() saw it last, but with its moves applied.
  [[nodiscard]] const FleetSnapshot& fleet() const { return fleet_; }
  /// The policy at the pace of the steps.
  [[nodiscard]] const Policy& policy() const { return policy_; }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  struct HostSlot {
    std::size_t at = nowhere;            // in fleet_.hosts
    std::vector<std::size_t> residents;  // containers, in the order of HostState::containers
    bool speaks = false;                 // has given figures of its own
    bool sorted = true;                  // residents stand by name
  };
  struct ContainerSlot {
    std::size_t host = nowhere;
    std::size_t at = 0;  // in HostState::containers
    std::optional<TimePoint> seen;
    double cpu = 0;  // as last seen; 0 when it counts as stopped
    // Where steps are shorter than the window: what it used in the newest one, and at the highest
    // in those before.
    std::vector<ContainerSample> recent;
    std::vector<double> peaks;
    double peak = 0;
    TimePoint told;
    Bytes memory{};
  };
  struct NameHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Names = std::unordered_map<std::string, std::size_t, NameHash, std::equal_to<>>;

  HostState& host_state(std::size_t host) { return fleet_.hosts[hosts_[host].at]; }
  ContainerState& state_of(std::size_t container);
  void settle_pace(TimePoint time);
  void settle(std::size_t container, std::size_t host, ContainerState state);
  ContainerState take_away(std::size_t container);
  void relocate(std::size_t container, std::size_t to);
  void sort_residents(std::size_t host);
  void note_container(std::size_t container, const ContainerUse& use, TimePoint time);
  void add_sample(ContainerState& state, ContainerSlot& slot, TimePoint time);
  void add_step(ContainerState& state, ContainerSlot& slot, TimePoint time);
  void keep(ContainerState& state, const ContainerSample& sample);
  void note_host(std::size_t host, const HostUse& use, bool hosts_speak, TimePoint time);
  [[nodiscard]] HostUse added_up(std::size_t host, TimePoint time) const;
  void forget_old(TimePoint time);
  void apply(const Plan& plan);

  Policy given_;
  Policy policy_;
  Pace pace_;
  SessionLimits limits_;
  StepLength length_;
  std::optional<TimePoint> last_time_;
  FleetSnapshot fleet_;
  std::vector<HostSlot> hosts_;
  std::vector<ContainerSlot> containers_;
  std::vector<std::size_t> owners_;  // of fleet_.hosts: position in hosts_
  std::vector<std::size_t> free_hosts_;
  std::vector<std::size_t> free_containers_;
  Names host_names_;
  Names container_names_;
  Plan plan_;
  std::vector<SessionMove> moves_;
};

}  // namespace plimsoll
