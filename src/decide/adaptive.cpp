#include "decide/adaptive.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace plimsoll {
namespace {

constexpr double mad_safety = 2.5;
constexpr double iqr_safety = 1.5;
constexpr double regression_safety = 1.2;
constexpr std::size_t regression_values = 10;

/// Between the two nearest of sorted values; `share` 0.5 is the median.
double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double rest = position - static_cast<double>(below);
  return sorted[below] * (1 - rest) + sorted[above] * rest;
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  std::sort(result.begin(), result.end());
  return result;
}

double median_absolute_deviation(const std::vector<double>& values) {
  const double median = quantile(values, 0.5);
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - median));
  return quantile(sorted(deviations), 0.5);
}

double tricube(double distance) { return std::pow(1 - std::pow(distance, 3), 3); }

}  // namespace

std::optional<double> adaptive_line(std::span<const double> cpu, Detector detector) {
  if (cpu.size() < static_cast<std::size_t>(adaptive_values_least)) return std::nullopt;
  const std::vector<double> values = sorted(cpu);
  switch (detector) {
    case Detector::mad:
      return std::max(0.0, 100 - mad_safety * median_absolute_deviation(values));
    case Detector::iqr:
      return std::max(0.0, 100 - iqr_safety * (quantile(values, 0.75) - quantile(values, 0.25)));
    case Detector::spread:
    case Detector::threshold:
    case Detector::local_regression:
      break;
  }
  return std::nullopt;
}

std::optional<double> regression_forecast(std::span<const double> cpu) {
  if (cpu.size() < regression_values) return std::nullopt;
  const std::span<const double> last = cpu.last(regression_values);
  const double span = regression_values;
  double weights = 0;
  double times = 0;
  double values = 0;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const double weight = tricube((span - 1 - static_cast<double>(i)) / span);
    weights += weight;
    times += weight * static_cast<double>(i);
    values += weight * last[i];
  }
  const double middle = times / weights;
  const double mean = values / weights;
  double together = 0;
  double alone = 0;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const double away = static_cast<double>(i) - middle;
    const double weight = tricube((span - 1 - static_cast<double>(i)) / span);
    together += weight * away * (last[i] - mean);
    alone += weight * away * away;
  }
  return regression_safety * (mean + together / alone * (span - middle));
}

}  // namespace plimsoll
