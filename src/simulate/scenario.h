#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/units.h"
#include "decide/fleet.h"
#include "decide/policy.h"
#include "simulate/load_curve.h"

namespace plimsoll {

/// A host of a scenario, as it is at the start.
struct ScenarioHost {
  HostState state;       ///< Name, labels, architecture, capacity, what is at Docker's root, ports.
  LoadCurve cpu;         ///< Cores in use besides those of containers.
  LoadCurve memory;      ///< Bytes in use besides those of containers.
  LoadCurve disk;        ///< Bytes in use at Docker's root besides what moves bring.
  bool there = true;     ///< False: it arrives by an event.
  bool measured = true;  ///< False: telemetry tells its use, but not how large it is.
};

/// A container of a scenario.
struct ScenarioContainer {
  ContainerState state;
  std::string host;
  LoadCurve cpu;         ///< Cores it wants.
  LoadCurve memory;      ///< Bytes it wants.
  bool measured = true;  ///< False: its figures are never known.
};

enum class EventKind {
  lost,        ///< The host is off, with all that runs there.
  silent,      ///< Its agent does not answer; what runs there goes on.
  stale,       ///< It answers, with figures that grow old.
  back,        ///< Ends lost, silent and stale.
  arrives,     ///< A host that was not there joins the fleet.
  drained,     ///< Somebody takes it out: it receives nothing.
  drain,       ///< Somebody empties it: drained, and its containers go (plan_drain).
  undrained,   ///< It may receive again.
  unreadable,  ///< Its Docker engine does not answer.
  readable,
  refuses,  ///< Moves to it fail when they are about to end.
  accepts,
  link,  ///< The way to another host has another rate; 0: it is cut.
};

struct ScenarioEvent {
  Duration at{0};
  EventKind kind{};
  std::string host;
  std::string to;          ///< For `link`.
  double bytes_per_s = 0;  ///< For `link`.
};

/// A way between two hosts, as it is; what the engine is told of it is the same.
struct ScenarioLink {
  std::string from;
  std::string to;
  double bytes_per_s = 0;
  double rtt_s = 0;
};

/// At least, at most.
struct CountRange {
  std::size_t least = 0;
  std::size_t most = static_cast<std::size_t>(-1);
  friend bool operator==(const CountRange&, const CountRange&) = default;
};

/// Names with `*` for any letters; none: any name.
using NamePatterns = std::vector<std::string>;
[[nodiscard]] bool name_matches(const NamePatterns& patterns, std::string_view name);

/// When something may happen.
struct TimeFrame {
  Duration after{0};
  Duration by{Duration::max()};
};

/// "There are so many moves of these containers from there to there, in this time."
struct ExpectedMoves {
  std::size_t line = 0;
  NamePatterns containers;
  NamePatterns from;
  NamePatterns to;
  NamePatterns not_to;
  TimeFrame when;
  CountRange count{1};
  std::vector<std::string> reason;  ///< Words that the reason of each of them has.
  std::optional<bool> asked;        ///< They wait for approval, or do not.
};

/// "This is said to be the reason why something was not done."
struct ExpectedRejection {
  std::size_t line = 0;
  NamePatterns containers;
  NamePatterns hosts;
  bool of_container = false;  ///< Names of containers are given: a host's own do not count.
  std::string rule;           ///< Its rule_name().
  TimeFrame when;
  CountRange count{1};              ///< How many different subjects are told it.
  std::vector<std::string> detail;  ///< Words that one of the details has.
};

/// "These hosts lie below their lines from then on", or above.
struct ExpectedLevel {
  std::size_t line = 0;
  NamePatterns hosts;
  std::optional<Duration> below_from;  ///< Until the end.
  std::optional<Duration> above_from;  ///< Until the end.
};

/// "At the end these run there."
struct ExpectedPlace {
  std::size_t line = 0;
  std::string container;
  NamePatterns hosts;
};

struct Expectations {
  std::size_t line = 0;
  std::optional<CountRange> moves;  ///< All that begin.
  std::size_t moves_line = 0;
  NamePatterns never_move;
  std::size_t never_move_line = 0;
  std::vector<NamePatterns> together;  ///< All of a list are on one host at the end.
  std::size_t together_line = 0;
  std::optional<CountRange> moves_of_one;  ///< The most that any one container does.
  std::size_t moves_of_one_line = 0;
  std::optional<Duration> calm_after;  ///< No move begins later.
  std::size_t calm_after_line = 0;
  std::vector<ExpectedMoves> each_move;
  std::vector<ExpectedRejection> rejections;
  std::vector<ExpectedLevel> levels;
  std::vector<ExpectedPlace> places;
};

/// A fleet, what happens to it, and what is expected of the decisions (docs/formats/scenario.md).
struct Scenario {
  std::string file;
  std::string story;
  TimePoint start;
  Duration duration{0};
  Duration sample_every{0};
  /// How long it has been watched when the story begins; -1: as long as the detector looks back.
  Duration watched{-1};
  std::uint64_t seed = 1;
  /// Spread of each figure of telemetry around the truth. Unit: percent of the host's capacity.
  double telemetry_noise = 0;
  /// What a move costs each of the two hosts while it is under way. Unit: cores.
  double move_cpu = 0;
  Policy policy;
  std::vector<ScenarioHost> hosts;
  std::vector<ScenarioContainer> containers;
  std::vector<ScenarioLink> links;
  std::vector<ScenarioEvent> events;  ///< By time.
  Expectations expect;
};

/// Reads a scenario and checks it whole.
/// Errors: invalid - every problem found, a line each: "spike.toml:12: host[0].cores: …".
[[nodiscard]] Result<Scenario> read_scenario(std::string_view text, const std::string& file);

}  // namespace plimsoll
