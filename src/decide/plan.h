#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "core/units.h"
#include "decide/fleet.h"
#include "decide/forecast.h"

namespace plimsoll {

/// Why something was not done. The names (rule_name) are stable: other programs read them.
enum class Rule {
  // the fleet and its hosts
  silent_fleet,     ///< Too many hosts are silent: nothing moves at all.
  silent,           ///< No telemetry, or too old.
  not_held,         ///< Over its line, but not for long enough.
  host_cooldown,    ///< It has just given or received.
  host_limit,       ///< It takes part in as many moves as it may.
  fleet_limit,      ///< As many moves as may be are under way.
  quiet,            ///< Quiet hours, of the policy or of a container's plimsoll.quiet.
  not_read,         ///< Its Docker data was not read.
  nothing_to_move,  ///< No container explains the overload.
  no_destination,   ///< No host may take the container.
  gain_too_small,   ///< The moves would lower the host by too little, or cost more than they give.
  // a container
  unknown,  ///< No such host or container.
  not_running,
  self,         ///< Plimsoll itself.
  under_way,    ///< It is being moved.
  cooldown,     ///< Moved, or tried, not long ago.
  label_never,  ///< plimsoll.move=never.
  pinned,       ///< plimsoll.pin.
  group,        ///< It moves together with others, not alone.
  host_network,
  host_pid,
  container_network,
  devices,
  privileged,
  docker_socket,
  bind_mount,
  foreign_volume,
  swarm,
  auto_remove,
  host_namespace,   ///< Shares the host's IPC or host name.
  other_container,  ///< Cannot be without another container of its host.
  unknown_field,    ///< A setting that nobody here knows the meaning of.
  unmeasured,       ///< Its CPU or memory is not known.
  too_small,        ///< Moving it would hardly be felt.
  max_downtime,     ///< plimsoll.max-downtime.
  // a destination
  same_host,
  drained,
  architecture,
  name_taken,
  port_taken,
  apart,      ///< plimsoll.apart.
  goes_back,  ///< A to B to A.
  cpu,        ///< Over its target afterwards.
  memory,
  storage,
  rising,  ///< Its CPU is expected over its line one window ahead.
  risk,    ///< At more risk of wanting more CPU than it has afterwards than a move costs.
  load,    ///< The scalar over its target afterwards.
  limit,   ///< The container's limits or reservation are more than the host has.
  disk,    ///< Too little free at Docker's root.
  link,    ///< No way between the two hosts.
};
[[nodiscard]] std::string_view rule_name(Rule rule);
/// The names of all rules, in the order of the enum.
[[nodiscard]] std::vector<std::string> rule_names();
/// Whether a rule only says that a move is unwise, so that a person may overrule it.
[[nodiscard]] bool may_be_forced(Rule rule);

/// What a move is expected to take.
struct Prediction {
  Bytes bytes{};           ///< To be sent: missing layers, writable layer, volumes.
  double transfer_s = 0;   ///< All of it over the link, and the round trips.
  double downtime_s = 0;   ///< From stop to started, cold: with the writable layer and volumes.
  double bytes_per_s = 0;  ///< Of the link.
  bool measured = false;   ///< The link was measured, not assumed.
  Bytes image_bytes{};     ///< The part of `bytes` that are missing layers.
  Bytes written{};         ///< What it all takes on the disk there.
  Bytes image_written{};   ///< The part of `written` that are missing layers.
};

/// What was thought of one destination.
struct Verdict {
  HostId host;
  std::optional<Rule> refused;  ///< Absent: feasible.
  std::string because;          ///< "no room: memory would be at 92.0 %, target 76.5"
  Prediction predicted;         ///< Only for feasible ones.
  double level_after = 0;       ///< Its load with the container, 1 is its line. Feasible ones only.
};

struct Move {
  ContainerName container;
  HostId from;
  HostId to;
  std::string reason;  ///< One sentence for people.
  Prediction predicted;
  Demand demand;  ///< To be put into MoveUnderWay when it begins.
  std::vector<PublishedPort> ports;
  std::string image_id;  ///< Empty: not known.
  bool ask = false;      ///< plimsoll.move=ask: waits for approval even in mode auto.
  /// Moves that only make sense together carry the same name: "shop" for the containers of a unit,
  /// "web, db" for an exchange. Empty: a move of its own.
  std::string unit;
  /// Its turn among those of its unit, and in the plan of a drain among all, from 1: it ends before
  /// the next one stops its container. 0: no turn.
  int order = 0;
  std::vector<Verdict>
      considered;  ///< The chosen one first, then feasible ones, then refused ones.
  std::size_t considered_more = 0;  ///< Left out of `considered`.
};

struct Rejection {
  std::optional<HostId> host;
  std::optional<ContainerName> container;  ///< With `host`: that container there.
  Rule rule{};
  std::string detail;  ///< With the numbers.
};

/// How one host stands.
struct HostAssessment {
  HostId host;
  bool up = false;
  bool stale = true;             ///< Too old, or never seen.
  std::optional<Duration> age;   ///< Of its newest telemetry.
  Utilisation used;              ///< Smoothed as the policy says, over the last window.
  Utilisation high;              ///< Policy::percentile over the last window.
  std::optional<double> scalar;  ///< In the scalar's own unit. Absent: nothing known.
  double line = 1;               ///< What `scalar` is held against.
  std::optional<double> level;   ///< scalar / line: 1 is the line whatever the scalar.
  bool over_line = false;        ///< Now, by the smoothed figures; never for a stale host.
  int held = 0;                  ///< Of the last `looks` evaluations this many were over the line.
  int looks = 0;
  /// Its newest samples, each for itself, were over its line on CPU in hold.k of the last hold.n
  /// evaluations: a rise that the window does not show yet. With Detector::spread.
  bool sudden = false;
  std::optional<double> risk;  ///< Of wanting more CPU than it has (overload_risk). By spread only.
  std::optional<Forecast> expected;  ///< Of its CPU, one window ahead. By forecast or spread.
  std::optional<double> adaptive;    ///< Its line on CPU, with an adaptive detector. Unit: percent.
  bool hot = false;  ///< It is to be relieved: over now and held long enough, or as detectors say.
};

struct Plan {
  TimePoint made_at;
  std::vector<Move> moves;
  std::vector<Rejection> rejected;
  std::size_t rejected_more = 0;      ///< Left out of `rejected`.
  std::vector<HostAssessment> hosts;  ///< By name.
};

}  // namespace plimsoll
