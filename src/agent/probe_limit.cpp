#include "agent/probe_limit.h"

#include <algorithm>

namespace plimsoll {

void ProbeLimit::forget(Clock::time_point now) {
  const auto is_over = [now](const auto& entry) { return entry.second <= now; };
  std::erase_if(target_free_at_, is_over);
  std::erase_if(caller_settled_at_, is_over);
}

Duration ProbeLimit::begin(const std::string& caller, const std::string& target,
                           Clock::time_point now) {
  forget(now);
  if (running_) return limits_.every;
  auto free_at = std::max(free_at_, now);
  if (const auto known = target_free_at_.find(target); known != target_free_at_.end()) {
    free_at = std::max(free_at, known->second);
  }
  const auto known = caller_settled_at_.find(caller);
  const auto settled = known == caller_settled_at_.end() ? now : known->second;
  const auto ahead = limits_.per_caller_every * (limits_.per_caller_at_once - 1);
  free_at = std::max(free_at, settled - ahead);
  if (free_at > now) return std::chrono::ceil<Duration>(free_at - now);
  running_ = true;
  free_at_ = now + limits_.every;
  target_free_at_[target] = now + limits_.per_target_every;
  caller_settled_at_[caller] = settled + limits_.per_caller_every;
  return Duration{0};
}

}  // namespace plimsoll
