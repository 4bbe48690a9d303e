#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/time.h"
#include "core/units.h"

namespace plimsoll {

/// How the utilisations of a host become one number (DESIGN 6).
enum class Scalar {
  max,   ///< Each resource over its own line, the worst of them; 1 is the line.
  sum,   ///< The predecessor's: cpu% + memory% + storage% against `threshold`.
  norm,  ///< Euclidean length of the resources over their lines, against `norm_threshold`.
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

  Scalar scalar = Scalar::max;
  Lines line;
  double threshold = 150;
  double norm_threshold = 1.25;  ///< Ours: half full disk and memory leave CPU about its line.
  Hold hold;
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

  /// Folders whose bind mounts may be copied: the mount is inside one of them.
  std::vector<std::string> allowed_bind_mounts;
  /// Free space wanted at the destination, as a multiple of the bytes to be written.
  double disk_factor = 1.2;

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
/// How far back FleetSnapshot::past must reach.
[[nodiscard]] Duration memory_needed(const Policy& policy);
/// Telemetry older than this is stale.
[[nodiscard]] Duration stale_limit(const Policy& policy);

}  // namespace plimsoll
