#include "simulate/pace.h"

#include <algorithm>
#include <cmath>

namespace plimsoll {
namespace {

void stretch_to(Duration& duration, double steps, Duration step) {
  const double least = steps * static_cast<double>(step.count());
  duration = std::max(duration, Duration{static_cast<Duration::rep>(std::llround(least))});
}

}  // namespace

Policy paced(const Policy& policy, const Pace& pace, Duration step) {
  Policy result = policy;
  result.sample_every = step;
  result.evaluate_every = step;
  stretch_to(result.window, std::max(pace.window, 1.0), step);
  stretch_to(result.container_cooldown, pace.container_cooldown, step);
  stretch_to(result.cooldown_max, pace.cooldown_max, step);
  result.cooldown_max = std::max(result.cooldown_max, result.container_cooldown);
  stretch_to(result.host_cooldown, pace.host_cooldown, step);
  stretch_to(result.return_after, pace.return_after, step);
  stretch_to(result.horizon, pace.horizon, step);
  if (pace.move_seconds > 0) {
    const double rounds = std::clamp(seconds(step) / pace.move_seconds, 1.0, 1000.0);
    result.moves_in_fleet = static_cast<int>(
        std::min(1e6, std::floor(rounds) * static_cast<double>(policy.moves_in_fleet)));
  }
  return result;
}

void StepLength::note(TimePoint time) {
  if (last_) {
    const Duration spacing{time - *last_};
    if (spacings_.size() < kept) {
      spacings_.push_back(spacing);
    } else {
      spacings_[next_] = spacing;
      next_ = (next_ + 1) % kept;
    }
  }
  last_ = time;
}

std::optional<Duration> StepLength::length() const {
  if (spacings_.empty()) return std::nullopt;
  auto sorted = spacings_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace plimsoll
