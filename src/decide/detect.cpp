#include "decide/detect.h"

#include <algorithm>

#include "decide/scalar.h"
#include "decide/smooth.h"

namespace plimsoll {
namespace {

SampleSpan span_of(const Policy& policy) { return {policy.sample_every, stale_limit(policy)}; }

Stretch window_at(const HostState& host, const Policy& policy, TimePoint at,
                  const QuietTime& quiet) {
  const TimePoint after = std::max(at - policy.window, quiet.after);
  const TimePoint until = quiet.before > at ? at : quiet.before - Duration{1};
  Stretch window = stretch(host.samples, after, std::max(after, until));
  const bool fresh =
      !window.samples.empty() && at - window.samples.back().time <= stale_limit(policy);
  return fresh ? window : Stretch{};
}

Utilisation smooth(const Stretch& window, const Policy& policy) {
  switch (policy.smoothing) {
    case Smoothing::mean:
      return mean_of(window, span_of(policy));
    case Smoothing::percentile:
      return percentile_of(window, span_of(policy), policy.percentile);
  }
  return {};
}

/// Only a window that is known well enough to judge by.
Stretch judged_window(const HostState& host, const Policy& policy, TimePoint at,
                      const QuietTime& quiet) {
  const Stretch window = window_at(host, policy, at, quiet);
  const double known = seconds(covered(window, span_of(policy)));
  return known >= policy.coverage * seconds(policy.window) ? window : Stretch{};
}

}  // namespace

bool is_stale(const HostState& host, const Policy& policy, TimePoint now) {
  if (!host.up || !host.last_seen) return true;
  const Duration age{now - *host.last_seen};
  return age > stale_limit(policy) || age < -stale_limit(policy);
}

Utilisation smoothed(const HostState& host, const Policy& policy, TimePoint at,
                     const QuietTime& quiet) {
  return smooth(judged_window(host, policy, at, quiet), policy);
}

Utilisation high_of(const HostState& host, const Policy& policy, TimePoint at,
                    const QuietTime& quiet) {
  return percentile_of(judged_window(host, policy, at, quiet), span_of(policy), policy.percentile);
}

Held held_over_line(const HostState& host, const Policy& policy, TimePoint now,
                    const QuietTime& quiet) {
  Held held;
  for (int i = 0; i < policy.hold.n; ++i) {
    const TimePoint at = now - i * policy.evaluate_every;
    const auto level = level_of(smoothed(host, policy, at, quiet), policy);
    if (!level) continue;
    ++held.looks;
    if (*level <= 1) continue;
    ++held.over;
    if (i == 0) held.now = true;
  }
  held.enough = held.now && held.over >= policy.hold.k;
  return held;
}

HostAssessment assess_host(const HostState& host, const Policy& policy, TimePoint now,
                           const QuietTime& quiet) {
  HostAssessment seen;
  seen.host = host.name;
  seen.up = host.up;
  seen.stale = is_stale(host, policy, now);
  if (host.last_seen) seen.age = std::max(Duration{now - *host.last_seen}, Duration{0});
  const Stretch all = window_at(host, policy, now, QuietTime{});
  seen.used = smooth(all, policy);
  seen.high = percentile_of(all, span_of(policy), policy.percentile);
  seen.scalar = scalar_of(seen.used, policy);
  seen.line = scalar_line(policy);
  seen.level = level_of(seen.used, policy);
  const Held held = held_over_line(host, policy, now, quiet);
  seen.held = held.over;
  seen.looks = held.looks;
  seen.over_line = !seen.stale && seen.level.value_or(0) > 1;
  seen.hot = !seen.stale && held.enough;
  return seen;
}

}  // namespace plimsoll
