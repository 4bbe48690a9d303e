#include "decide/detect.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "decide/adaptive.h"
#include "decide/forecast.h"
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

/// CPU of the quiet time, oldest first, the last `most`.
std::vector<double> cpu_of(const HostState& host, TimePoint now, const QuietTime& quiet,
                           std::size_t most) {
  std::vector<double> values;
  for (auto sample = host.samples.rbegin(); sample != host.samples.rend(); ++sample) {
    if (values.size() == most || sample->time <= quiet.after) break;
    if (sample->time > now || sample->time >= quiet.before) continue;
    if (sample->used.cpu && std::isfinite(*sample->used.cpu)) values.push_back(*sample->used.cpu);
  }
  std::reverse(values.begin(), values.end());
  return values;
}

/// Mean of the CPU samples in (after, until] of the quiet time.
std::optional<double> cpu_between(const HostState& host, TimePoint after, TimePoint until,
                                  const QuietTime& quiet) {
  const Stretch slot = stretch(host.samples, std::max(after, quiet.after), until);
  double sum = 0;
  int count = 0;
  for (const Sample& sample : slot.samples) {
    if (sample.time >= quiet.before || !sample.used.cpu) continue;
    if (!std::isfinite(*sample.used.cpu)) continue;
    sum += *sample.used.cpu;
    ++count;
  }
  return count > 0 ? std::optional{sum / count} : std::nullopt;
}

std::optional<Forecast> foresee(const HostState& host, const Policy& policy, TimePoint now,
                                const QuietTime& quiet) {
  const auto steps = static_cast<std::size_t>(policy.window / policy.sample_every);
  return forecast_of(cpu_of(host, now, quiet, 4 * steps), steps);
}

bool adapts(Detector detector) {
  switch (detector) {
    case Detector::mad:
    case Detector::iqr:
    case Detector::local_regression:
      return true;
    case Detector::spread:
    case Detector::threshold:
      break;
  }
  return false;
}

/// As published: the newest value decides, and until there are enough the fixed line.
bool over_adaptive(const HostState& host, const Policy& policy, TimePoint now,
                   const QuietTime& quiet, HostAssessment& seen) {
  const auto values = cpu_of(host, now, quiet, static_cast<std::size_t>(adaptive_values));
  if (values.empty()) return false;
  if (policy.detector == Detector::local_regression) {
    const auto next = regression_forecast(values);
    seen.adaptive = next ? 100 : policy.line.cpu;
    return next ? *next >= 100 : values.back() > policy.line.cpu;
  }
  seen.adaptive = adaptive_line(values, policy.detector).value_or(policy.line.cpu);
  return values.back() > *seen.adaptive;
}

/// The other resources by their lines.
Policy without_cpu(const Policy& policy) {
  Policy others = policy;
  others.line.cpu = std::numeric_limits<double>::infinity();
  return others;
}

/// What the detector says beyond lines that were held.
bool detected(const HostState& host, const Policy& policy, TimePoint now, const QuietTime& quiet,
              HostAssessment& seen) {
  if (policy.forecast || policy.detector == Detector::spread) {
    seen.expected = foresee(host, policy, now, quiet);
  }
  const auto& expected = seen.expected;
  if (policy.forecast && expected && expected->expected - expected->error > policy.line.cpu) {
    return true;
  }
  return adapts(policy.detector) && over_adaptive(host, policy, now, quiet, seen);
}

/// No mean or percentile of a window is more than its highest samples together.
bool never_over_line(const HostState& host, const Policy& policy, TimePoint now) {
  const TimePoint first = now - policy.window - (policy.hold.n - 1) * policy.evaluate_every;
  Utilisation highest;
  for (const Sample& sample : stretch(host.samples, first, now).samples) {
    if (!sample.used.cpu || !sample.used.memory || !sample.used.storage) return false;
    highest = higher_of(highest, sample.used);
  }
  return level_of(highest, policy).value_or(2) <= 1;
}

}  // namespace

bool is_stale(const HostState& host, const Policy& policy, TimePoint now) {
  if (!host.up || !host.last_seen) return true;
  const Duration age{now - *host.last_seen};
  return age > stale_limit(policy) || age < -stale_limit(policy);
}

bool rises_suddenly(const HostState& host, const Policy& policy, TimePoint now,
                    const QuietTime& quiet) {
  const Stretch known = stretch(host.samples, quiet.after, now);
  if (known.samples.empty() || now - known.samples.back().time > stale_limit(policy)) return false;
  const Duration slot = std::max(policy.evaluate_every, policy.sample_every);
  TimePoint until = known.samples.back().time;
  int over = 0;
  for (int i = 0; i < policy.hold.n; ++i, until -= slot) {
    const auto cpu = cpu_between(host, until - slot, until, quiet);
    const bool high = cpu && *cpu > policy.line.cpu;
    if (i == 0 && !high) return false;
    if (high) ++over;
  }
  return over >= policy.hold.k;
}

bool is_known(const HostState& host, const Policy& policy, TimePoint now, const QuietTime& quiet) {
  return !judged_window(host, policy, now, quiet).samples.empty();
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
  const bool never = never_over_line(host, policy, now);
  for (int i = 0; i < policy.hold.n; ++i) {
    const TimePoint at = now - i * policy.evaluate_every;
    if (never) {
      if (is_known(host, policy, at, quiet)) ++held.looks;
      continue;
    }
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
  const Held held = adapts(policy.detector) ? held_over_line(host, without_cpu(policy), now, quiet)
                                            : held_over_line(host, policy, now, quiet);
  seen.held = held.over;
  seen.looks = held.looks;
  seen.over_line = !seen.stale && seen.level.value_or(0) > 1;
  seen.sudden = policy.detector == Detector::spread && !seen.stale &&
                rises_suddenly(host, policy, now, quiet);
  const bool found = detected(host, policy, now, quiet, seen);
  seen.hot = !seen.stale && (held.enough || found);
  return seen;
}

}  // namespace plimsoll
