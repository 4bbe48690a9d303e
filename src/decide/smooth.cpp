#include "decide/smooth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

namespace plimsoll {
namespace {

using Field = std::optional<double> Utilisation::*;
constexpr Field fields[] = {&Utilisation::cpu, &Utilisation::memory, &Utilisation::storage,
                            &Utilisation::pressure};
constexpr std::size_t fields_count = std::size(fields);

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

double total_weight(const std::vector<Weighted>& values) {
  double total = 0;
  for (const Weighted& value : values) total += value.second;
  return total;
}

std::optional<double> percentile(std::vector<Weighted>& values, double percent) {
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
  std::array<double, fields_count> sums{};
  std::array<double, fields_count> weights{};
  const Sample* before = window.before;
  for (const Sample& sample : window.samples) {
    const double share = weight(sample, before, span);
    before = &sample;
    for (std::size_t i = 0; i < fields_count; ++i) {
      const auto value = figure(sample, fields[i]);
      if (!value) continue;
      sums.at(i) += *value * share;
      weights.at(i) += share;
    }
  }
  Utilisation result;
  for (std::size_t i = 0; i < fields_count; ++i) {
    if (weights.at(i) > 0) result.*fields[i] = sums.at(i) / weights.at(i);
  }
  return result;
}

Utilisation percentile_of(const Stretch& window, const SampleSpan& span, double percent) {
  std::vector<double> weights;
  weights.reserve(window.samples.size());
  const Sample* before = window.before;
  for (const Sample& sample : window.samples) {
    weights.push_back(weight(sample, before, span));
    before = &sample;
  }
  Utilisation result;
  std::vector<Weighted> values;
  values.reserve(window.samples.size());
  for (const Field field : fields) {
    values.clear();
    for (std::size_t i = 0; i < window.samples.size(); ++i) {
      const auto value = figure(window.samples[i], field);
      if (value) values.emplace_back(*value, weights[i]);
    }
    result.*field = percentile(values, percent);
  }
  return result;
}

Utilisation higher_of(const Utilisation& a, const Utilisation& b) {
  Utilisation result;
  for (const Field field : fields) result.*field = std::max(a.*field, b.*field);
  return result;
}

}  // namespace plimsoll
