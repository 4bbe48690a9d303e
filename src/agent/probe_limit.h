#pragma once

#include <chrono>
#include <map>
#include <string>

#include "core/time.h"

namespace plimsoll {

/// How often goodput may be measured. Chosen by us: a plan of moves asks for some pairs of hosts
/// and remembers them for ten minutes, and a second of a link at full rate is no harm.
struct ProbeLimits {
  Duration every{1'000};             ///< Between two, whoever asks; and one at a time.
  Duration per_target_every{5'000};  ///< Between two to the same target.
  Duration per_caller_every{3'000};  ///< Of one caller in the long run,
  int per_caller_at_once = 20;       ///< who may take so many ahead.
};

/// Thread: one.
class ProbeLimit {
 public:
  using Clock = std::chrono::steady_clock;
  explicit ProbeLimit(ProbeLimits limits) : limits_(limits) {}

  /// Zero where a measurement may begin now, which is counted then; else how long to wait.
  [[nodiscard]] Duration begin(const std::string& caller, const std::string& target,
                               Clock::time_point now);
  void end() { running_ = false; }

 private:
  void forget(Clock::time_point now);

  ProbeLimits limits_;
  bool running_ = false;
  Clock::time_point free_at_;
  std::map<std::string, Clock::time_point> target_free_at_;
  /// When a caller's account will be settled, GCRA's "theoretical arrival time".
  std::map<std::string, Clock::time_point> caller_settled_at_;
};

}  // namespace plimsoll
