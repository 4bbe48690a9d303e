#include "config/policy_settings.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decide/labels.h"

namespace plimsoll {
namespace {

std::string fault_of_label(std::string_view name, std::string_view value,
                           const ContainerState& container) {
  if (name == "move" && value != "auto" && value != "ask" && value != "never") {
    return "must be auto, ask or never";
  }
  if (name == "priority" && !parse_priority(value)) {
    return "must be a number from -100 to 100, in quotes";
  }
  if (name == "max-downtime") {
    const auto read = max_downtime(container);
    return read ? std::string{} : read.error().message;
  }
  if (name == "quiet") {
    const auto read = quiet_of(container);
    return read ? std::string{} : read.error().message;
  }
  return {};
}

void read_judgement(Settings& settings, Policy& policy) {
  settings.read("orchestrator.evaluate_every", policy.evaluate_every);
  settings.read("orchestrator.window", policy.window);
  settings.read("orchestrator.stale_after", policy.stale_after);
  settings.read_word<Smoothing>("orchestrator.smoothing", policy.smoothing,
                                {{"mean", Smoothing::mean}, {"percentile", Smoothing::percentile}});
  settings.read("orchestrator.percentile", policy.percentile);
  settings.read_word<Detector>("orchestrator.detector", policy.detector,
                               {{"spread", Detector::spread},
                                {"threshold", Detector::threshold},
                                {"mad", Detector::mad},
                                {"iqr", Detector::iqr},
                                {"local-regression", Detector::local_regression}});
  settings.read("orchestrator.aggressiveness", policy.aggressiveness);
  settings.read_word<Scalar>("orchestrator.scalar", policy.scalar,
                             {{"max", Scalar::max}, {"sum", Scalar::sum}, {"norm", Scalar::norm}});
  settings.read("orchestrator.line.cpu", policy.line.cpu);
  settings.read("orchestrator.line.memory", policy.line.memory);
  settings.read("orchestrator.line.storage", policy.line.storage);
  settings.read("orchestrator.line.pressure", policy.line.pressure);
  settings.read("orchestrator.forecast", policy.forecast);
  settings.read("orchestrator.threshold", policy.threshold);
  settings.read("orchestrator.norm_threshold", policy.norm_threshold);
  std::pair hold{policy.hold.k, policy.hold.n};
  settings.read("orchestrator.hold", hold);
  policy.hold = {hold.first, hold.second};
  settings.read("orchestrator.target", policy.target);
  settings.read("orchestrator.moves_per_host", policy.moves_per_host);
  settings.read("orchestrator.moves_in_fleet", policy.moves_in_fleet);
  settings.read("orchestrator.container_cooldown", policy.container_cooldown);
  settings.read("orchestrator.cooldown_max", policy.cooldown_max);
  settings.read("orchestrator.host_cooldown", policy.host_cooldown);
  settings.read("orchestrator.return_after", policy.return_after);
  settings.read("orchestrator.silent_stop", policy.silent_stop);
  settings.read("orchestrator.rebalance", policy.rebalance);
  settings.read("orchestrator.rebalance_from", policy.rebalance_from);
}

/// Each window a text of its own, so that the one that is wrong is named.
void read_quiet(Settings& settings, Policy& policy) {
  std::vector<std::string> windows;
  settings.read("orchestrator.quiet", windows);
  for (const std::string& window : windows) {
    if (const auto hours = QuietHours::parse(window)) {
      policy.quiet.add(*hours);
    } else {
      settings.problem("orchestrator.quiet", hours.error().message);
    }
  }
}

/// What holds for containers whose owners have not set the label, checked as theirs would be.
void read_labels(Settings& settings, Policy& policy) {
  for (const char* name :
       {"move", "group", "apart", "pin", "max-downtime", "quiet", "priority", "allow"}) {
    const std::string key = std::string{"orchestrator.labels."} + name;
    std::string value;
    settings.read(key, value);
    if (value.empty()) continue;
    policy.labels[std::string{"plimsoll."} + name] = value;
    ContainerState container;
    add_default_labels(policy.labels, container);
    const std::string wrong = fault_of_label(name, value, container);
    if (!wrong.empty()) settings.problem(key, wrong);
  }
}

void read_prediction(Settings& settings, Policy& policy) {
  settings.read("orchestrator.min_gain", policy.min_gain);
  settings.read("orchestrator.explain_share", policy.explain_share);
  settings.read("orchestrator.horizon", policy.horizon);
  settings.read("orchestrator.allowed_bind_mounts", policy.allowed_bind_mounts);
  settings.read("orchestrator.disk_factor", policy.disk_factor);
  settings.read("orchestrator.assumed_bytes_per_s", policy.assumed_bytes_per_s);
  settings.read("orchestrator.assumed_rtt_s", policy.assumed_rtt_s);
  settings.read("orchestrator.round_trips", policy.round_trips);
  settings.read("orchestrator.stop_seconds", policy.stop_seconds);
  settings.read("orchestrator.start_seconds", policy.start_seconds);
  settings.read("orchestrator.tie_seconds", policy.tie_seconds);
  settings.read("orchestrator.tie_share", policy.tie_share);
  settings.read("orchestrator.learn_half_life", policy.learn_half_life);
}

}  // namespace

void read_policy(Settings& settings, Policy& policy) {
  read_judgement(settings, policy);
  read_quiet(settings, policy);
  read_labels(settings, policy);
  read_prediction(settings, policy);
}

void check_policy(const Policy& policy, Settings& settings) {
  for (const auto& [key, message] : check(policy)) {
    // sample_every is not of this section: whoever read it looks at it.
    if (key != "monitor.interval") settings.problem("orchestrator." + key, message);
  }
}

}  // namespace plimsoll
