#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "core/units.h"
#include "decide/quiet.h"

namespace plimsoll {

/// How the utilisations of a host become one number (DESIGN 6).
enum class Scalar {
  max,   ///< Each resource over its own line, the worst of them; 1 is the line.
  sum,   ///< The predecessor's: cpu% + memory% + storage% against `threshold`.
  norm,  ///< Euclidean length of the resources over their lines, against `norm_threshold`.
};

/// What finds a host that has to be relieved.
enum class Detector {
  /// How likely the containers together want more CPU than there is, told from the spread of the
  /// use
  /// of each (by_spread.h); memory and storage by their lines. Where no container has samples, and
  /// with scalars other than `max`, as `threshold`.
  spread,
  threshold,         ///< The smoothed scalar over its line in k of the last n evaluations.
  mad,               ///< The line on CPU adapts: 100 % less 2.5 median absolute deviations.
  iqr,               ///< 100 % less 1.5 interquartile ranges.
  local_regression,  ///< CPU follows its trend to 100 %, with a safety of 1.2.
};

enum class Smoothing {
  mean,        ///< Moving average over the window.
  percentile,  ///< `percentile` of each resource over the window.
};

/// Where a host is loaded too deep. Unit: percent.
struct Lines {
  double cpu = 80;
  double memory = 85;
  double storage = 90;
  /// Worst "some avg10" of cpu, memory and io; 0: shown, not judged.
  double pressure = 0;
};

/// Over the line in `k` of the last `n` evaluations.
struct Hold {
  int k = 3;
  int n = 5;
};

/// When and how hosts are relieved. The defaults are DESIGN 2a's and MIGRATION's; the others are
/// chosen by us and marked so.
struct Policy {
  Duration window = std::chrono::seconds{60};
  Duration evaluate_every = std::chrono::seconds{5};
  /// The monitor's interval: what "stale after 3 intervals" counts in.
  Duration sample_every = std::chrono::seconds{5};
  int stale_after = 3;
  /// Share of the window that samples must speak for before a host is judged by it, so that the
  /// first seconds after a start or a move do not pass for a trend. Ours.
  double coverage = 0.5;
  Smoothing smoothing = Smoothing::mean;
  double percentile = 66;

  Detector detector = Detector::spread;
  /// Twice as much halves the gain that a move has to bring to be worth it, with
  /// Detector::spread: less overload for more moves. Ours.
  double aggressiveness = 1;

  Scalar scalar = Scalar::max;
  Lines line;
  double threshold = 150;
  double norm_threshold = 1.25;  ///< Ours: half full disk and memory leave CPU about its line.
  Hold hold;
  /// A host whose CPU is expected over its line one window ahead, by more than such forecasts have
  /// been off (forecast.h), is relieved before: with Detector::spread at the risk at which it will
  /// be. With the others none is loaded past what is expected of it either. With Detector::spread
  /// such a host receives nothing that relieves another's CPU even without this.
  bool forecast = false;
  /// A host in need is relieved to this share of its line, and none is loaded past it. Ours.
  double target = 0.9;

  int moves_per_host = 2;  ///< At once, giving and receiving together.
  int moves_in_fleet = 5;  ///< At once.
  /// After a move a container stays this long; twice as long after each further move or attempt
  /// that memory_needed() still shows, up to `cooldown_max`. Ours.
  Duration container_cooldown = std::chrono::minutes{10};
  Duration cooldown_max = std::chrono::hours{6};
  /// After giving or receiving a host gives nothing for this long. Ours.
  Duration host_cooldown = std::chrono::seconds{60};
  /// A container does not go back to a host it left less than this long ago. Ours.
  Duration return_after = std::chrono::hours{1};
  /// More than this share of the hosts silent: nothing moves. Unit: percent.
  double silent_stop = 20;

  double min_gain = 0.10;  ///< A host's moves together must lower it by this share of its level.
  /// A container explains the overload if moving it takes away at least this share of what the
  /// host has to lose. Ours.
  double explain_share = 0.10;
  /// The cost of a move is (stop + 0.1 of the transfer) as a share of this time. Ours.
  Duration horizon = std::chrono::minutes{10};

  /// Moves towards hosts on which nothing runs yet, though nobody is over its line. Off: a new host
  /// fills as others come to need it, without stops that nobody asked for.
  bool rebalance = false;
  /// The giver's level from which on it does. Ours: below half its line nobody is in a hurry.
  double rebalance_from = 0.5;

  /// When nothing starts by itself. `decide` tells the time by FleetSnapshot::utc_offset.
  QuietHours quiet;

  /// Labels of containers whose owners have not set them, "plimsoll.move" to "ask": who makes a
  /// snapshot adds them (add_default_labels).
  std::map<std::string, std::string> labels;

  /// Folders whose bind mounts may be copied: the mount is inside one of them.
  std::vector<std::string> allowed_bind_mounts;
  /// Free space wanted at the destination, as a multiple of the bytes to be written.
  double disk_factor = 1.2;

  /// The weight of what a past move taught of links and restarts halves with every such time. Ours:
  /// a network changes within weeks, not within hours.
  Duration learn_half_life = std::chrono::hours{72};

  double assumed_bytes_per_s = 50e6;  ///< Where no link was measured. Ours.
  double assumed_rtt_s = 0.001;       ///< Ours.
  int round_trips = 30;               ///< Of a whole move, for the prediction. Ours.
  double stop_seconds = 1.0;          ///< Grace, fencing, read back. Ours.
  double start_seconds = 1.5;         ///< Create is done before; start and first check. Ours.
  Bytes assumed_image{512 * mib};     ///< Where an image's size is not known. Ours.
  /// Destinations slower than the best by less than this (seconds, and share) count as equal, and
  /// balance decides. Ours.
  double tie_seconds = 0.5;
  double tie_share = 0.10;

  /// Searches for a destination in one plan; what is left waits for the next one. Ours.
  int searches_max = 500;
  /// Verdicts and rejections kept per move and plan; the rest are counted. Ours.
  std::size_t explain_max = 200;
};

/// A setting that cannot be: the key as plimsoll.toml has it, and what is wrong with it.
struct PolicyProblem {
  std::string key;
  std::string message;
  friend bool operator==(const PolicyProblem&, const PolicyProblem&) = default;
};

/// All problems at once; none means decide() may be called.
[[nodiscard]] std::vector<PolicyProblem> check(const Policy& policy);

/// How far back HostState::samples must reach.
[[nodiscard]] Duration history_needed(const Policy& policy);
/// How long a rise has to last before it is believed without waiting for the window: hold.k
/// evaluations.
[[nodiscard]] Duration sudden_span(const Policy& policy);
/// How far back FleetSnapshot::past must reach.
[[nodiscard]] Duration memory_needed(const Policy& policy);
/// How far back FleetSnapshot::past is of use for learning: where a move's weight is below 1/16.
[[nodiscard]] Duration learning_needed(const Policy& policy);
/// Telemetry older than this is stale.
[[nodiscard]] Duration stale_limit(const Policy& policy);

}  // namespace plimsoll
