#include "decide/smooth.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace plimsoll {
namespace {

using Field = std::optional<double> Utilisation::*;
constexpr Field fields[] = {&Utilisation::cpu, &Utilisation::memory, &Utilisation::storage,
                            &Utilisation::pressure};

/// A value with the time it stands for, in ms.
using Weighted = std::pair<double, double>;

Duration stands_for(const Sample& sample, const Sample* before, const SampleSpan& span) {
  const Duration since = before ? Duration{sample.time - before->time} : span.first;
  return std::clamp(since, Duration{1}, span.longest);
}

double weight(const Sample& sample, const Sample* before, const SampleSpan& span) {
  return static_cast<double>(stands_for(sample, before, span).count());
}

std::optional<double> figure(const Sample& sample, Field field) {
  const std::optional<double>& value = sample.used.*field;
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return std::max(*value, 0.0);
}

std::vector<Weighted> weighted(const Stretch& window, const SampleSpan& span, Field field) {
  std::vector<Weighted> values;
  values.reserve(window.samples.size());
  const Sample* before = window.before;
  for (const Sample& sample : window.samples) {
    if (const auto value = figure(sample, field)) {
      values.emplace_back(*value, weight(sample, before, span));
    }
    before = &sample;
  }
  return values;
}

std::optional<double> mean(const Stretch& window, const SampleSpan& span, Field field) {
  double sum = 0;
  double weights = 0;
  const Sample* before = window.before;
  for (const Sample& sample : window.samples) {
    const double share = weight(sample, before, span);
    before = &sample;
    const auto value = figure(sample, field);
    if (!value) continue;
    sum += *value * share;
    weights += share;
  }
  if (weights <= 0) return std::nullopt;
  return sum / weights;
}

double total_weight(const std::vector<Weighted>& values) {
  double total = 0;
  for (const Weighted& value : values) total += value.second;
  return total;
}

std::optional<double> percentile(std::vector<Weighted> values, double percent) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double wanted = total_weight(values) * percent / 100;
  double passed = 0;
  for (const Weighted& value : values) {
    passed += value.second;
    if (passed >= wanted) return value.first;
  }
  return values.back().first;
}

}  // namespace

Stretch stretch(std::span<const Sample> samples, TimePoint after, TimePoint until) {
  const auto later = [](TimePoint time, const Sample& sample) { return time < sample.time; };
  const auto first = std::upper_bound(samples.begin(), samples.end(), after, later);
  const auto last = std::upper_bound(first, samples.end(), until, later);
  return {std::span<const Sample>(first, last), first == samples.begin() ? nullptr : &*(first - 1)};
}

Duration covered(const Stretch& window, const SampleSpan& span) {
  Duration total{0};
  const Sample* before = window.before;
  for (const Sample& sample : window.samples) {
    total += stands_for(sample, before, span);
    before = &sample;
  }
  return total;
}

Utilisation mean_of(const Stretch& window, const SampleSpan& span) {
  Utilisation result;
  for (const Field field : fields) result.*field = mean(window, span, field);
  return result;
}

Utilisation percentile_of(const Stretch& window, const SampleSpan& span, double percent) {
  Utilisation result;
  for (const Field field : fields) {
    result.*field = percentile(weighted(window, span, field), percent);
  }
  return result;
}

Utilisation higher_of(const Utilisation& a, const Utilisation& b) {
  Utilisation result;
  for (const Field field : fields) result.*field = std::max(a.*field, b.*field);
  return result;
}

}  // namespace plimsoll
