#include "decide/policy.h"

#include <algorithm>

#include "decide/adaptive.h"

namespace plimsoll {
namespace {

using Problems = std::vector<PolicyProblem>;

void want(bool fine, Problems& problems, const char* key, const char* message) {
  if (!fine) problems.push_back({key, message});
}

bool between(double value, double low, double high) { return value >= low && value <= high; }

void check_times(const Policy& policy, Problems& problems) {
  constexpr Duration none{0};
  want(policy.evaluate_every > none, problems, "evaluate_every", "must be longer than 0");
  want(policy.sample_every > none, problems, "monitor.interval", "must be longer than 0");
  want(policy.window >= policy.sample_every, problems, "window",
       "must be at least the monitor's interval, or it may hold no sample");
  want(policy.stale_after >= 1, problems, "stale_after", "must be at least 1 interval");
  want(policy.container_cooldown >= none, problems, "container_cooldown", "must not be negative");
  want(policy.cooldown_max >= policy.container_cooldown, problems, "cooldown_max",
       "must not be shorter than container_cooldown");
  want(policy.host_cooldown >= none, problems, "host_cooldown", "must not be negative");
  want(policy.return_after >= none, problems, "return_after", "must not be negative");
  want(policy.learn_half_life > none, problems, "learn_half_life", "must be longer than 0");
  want(policy.horizon > none, problems, "horizon", "must be longer than 0");
}

void check_line(const Policy& policy, Problems& problems) {
  constexpr const char* percent = "must be more than 0 and at most 100 percent";
  const auto line = [](double value) { return value > 0 && value <= 100; };
  want(line(policy.line.cpu), problems, "line.cpu", percent);
  want(line(policy.line.memory), problems, "line.memory", percent);
  want(line(policy.line.storage), problems, "line.storage", percent);
  want(between(policy.line.pressure, 0, 100), problems, "line.pressure",
       "must be at least 0, which is off, and at most 100 percent");
  want(policy.threshold > 0 && policy.threshold <= 300, problems, "threshold",
       "must be more than 0 and at most 300: it is held against three percentages added");
  want(policy.norm_threshold > 0 && policy.norm_threshold <= 10, problems, "norm_threshold",
       "must be more than 0 and at most 10");
  want(policy.target > 0 && policy.target < 1, problems, "target",
       "must be between 0 and 1: a host is relieved to below its line");
  want(between(policy.aggressiveness, 0.01, 100), problems, "aggressiveness",
       "must be between 0.01 and 100");
  want(between(policy.coverage, 0, 1), problems, "coverage", "must be between 0 and 1");
  want(between(policy.percentile, 0, 100), problems, "percentile", "must be between 0 and 100");
}

void check_hold(const Policy& policy, Problems& problems) {
  want(policy.hold.k >= 1 && policy.hold.k <= policy.hold.n, problems, "hold",
       "[k, n]: k must be at least 1 and at most n");
  want(policy.hold.n <= 1000, problems, "hold", "[k, n]: n must be at most 1000");
}

void check_limits(const Policy& policy, Problems& problems) {
  want(policy.moves_per_host >= 1, problems, "moves_per_host", "must be at least 1");
  want(policy.moves_in_fleet >= 1, problems, "moves_in_fleet", "must be at least 1");
  want(policy.searches_max >= 1, problems, "searches_max", "must be at least 1");
  want(between(policy.silent_stop, 0, 100), problems, "silent_stop",
       "must be between 0 and 100 percent");
  want(between(policy.min_gain, 0, 1), problems, "min_gain", "must be between 0 and 1");
  want(between(policy.rebalance_from, 0, 1), problems, "rebalance_from", "must be between 0 and 1");
  want(between(policy.explain_share, 0, 1), problems, "explain_share", "must be between 0 and 1");
}

void check_prediction(const Policy& policy, Problems& problems) {
  want(between(policy.disk_factor, 1, 100), problems, "disk_factor", "must be between 1 and 100");
  want(policy.assumed_bytes_per_s > 0, problems, "assumed_bytes_per_s", "must be more than 0");
  want(policy.assumed_rtt_s >= 0, problems, "assumed_rtt_s", "must not be negative");
  want(policy.round_trips >= 0, problems, "round_trips", "must not be negative");
  want(policy.stop_seconds >= 0, problems, "stop_seconds", "must not be negative");
  want(policy.start_seconds >= 0, problems, "start_seconds", "must not be negative");
  want(policy.stop_seconds + policy.start_seconds > 0, problems, "start_seconds",
       "stop_seconds and start_seconds must not both be 0: a move is never free");
  want(policy.tie_seconds >= 0, problems, "tie_seconds", "must not be negative");
  want(policy.tie_share >= 0, problems, "tie_share", "must not be negative");
}

void check_bind_mounts(const Policy& policy, Problems& problems) {
  const auto absolute = [](const std::string& path) { return path.starts_with('/'); };
  want(std::all_of(policy.allowed_bind_mounts.begin(), policy.allowed_bind_mounts.end(), absolute),
       problems, "allowed_bind_mounts", "every folder must be an absolute path");
}

}  // namespace

std::vector<PolicyProblem> check(const Policy& policy) {
  Problems problems;
  check_times(policy, problems);
  check_line(policy, problems);
  check_hold(policy, problems);
  check_limits(policy, problems);
  check_prediction(policy, problems);
  check_bind_mounts(policy, problems);
  return problems;
}

Duration history_needed(const Policy& policy) {
  const Duration held = policy.window + policy.hold.n * policy.evaluate_every;
  // A forecast needs as much again for each time that it is checked.
  const Duration foreseen = policy.forecast ? 4 * policy.window : Duration{0};
  const bool adapts = policy.detector == Detector::mad || policy.detector == Detector::iqr ||
                      policy.detector == Detector::local_regression;
  const Duration varied = adapts ? adaptive_values * policy.sample_every : Duration{0};
  return std::max({held, foreseen, varied}) + policy.sample_every;
}

Duration sudden_span(const Policy& policy) {
  return policy.hold.k * std::max(policy.evaluate_every, policy.sample_every);
}

Duration memory_needed(const Policy& policy) {
  return std::max(
      {policy.cooldown_max, policy.return_after, policy.host_cooldown, history_needed(policy)});
}

Duration learning_needed(const Policy& policy) { return 4 * policy.learn_half_life; }

Duration stale_limit(const Policy& policy) { return policy.stale_after * policy.sample_every; }

}  // namespace plimsoll
