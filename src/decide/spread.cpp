#include "decide/spread.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace plimsoll {
namespace {

constexpr double cores_max = 1e150;   // more is no number, nor are its squares
constexpr double outlier = 6;         // standard deviations of the others
constexpr double fleet_variance = 3;  // what the fleet weighs, in samples
constexpr double fleet_correlation = 24;
constexpr double correlation_max = 0.98;
constexpr double slope = 1.3;             // of the tail, per standard deviation
constexpr double least_deviation = 0.01;  // of a host, as a share of its capacity
constexpr double line_weight = 0.2;
constexpr double certainty = 5;       // standard deviations
constexpr std::ptrdiff_t lately = 5;  // samples

/// Sums are kept in lanes, which do not wait for each other: decide() looks at every container.
constexpr std::size_t lanes = 2;
static_assert(spread_samples % lanes == 0);
using Lanes __attribute__((vector_size(lanes * sizeof(double)))) = double;

Lanes load(const double* from) {
  Lanes lane;
  std::memcpy(&lane, from, sizeof lane);
  return lane;
}

double total(const Lanes& sums) { return sums[0] + sums[1]; }

struct Window {
  std::array<double, spread_samples> values;  // newest first, and a zero if they are odd
  std::size_t count = 0;
  double sum = 0;
  double squares = 0;
  double highest = 0;
  double second = 0;
};

void take_newest(std::span<const ContainerSample> samples, Window& window) {
  window.count = std::min(samples.size(), spread_samples);
  const ContainerSample* sample = samples.data() + samples.size();
  double* value = window.values.data();
  for (std::size_t i = 0; i < window.count; ++i) {
    const double cores = (--sample)->cpu_cores;
    value[i] = cores > 0 && cores < cores_max ? cores : 0.0;
  }
  if (window.count < spread_samples) value[window.count] = 0;
}

void add_up(Window& window) {
  Lanes sums{};
  Lanes squares{};
  Lanes highest{};
  Lanes second{};
  for (std::size_t i = 0; i < window.count; i += lanes) {
    const Lanes x = load(&window.values[i]);
    sums += x;
    squares += x * x;
    const Lanes lower = x < highest ? x : highest;
    second = second < lower ? lower : second;
    highest = highest < x ? x : highest;
  }
  window.sum = total(sums);
  window.squares = total(squares);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    window.second =
        std::max({window.second, second[lane], std::min(window.highest, highest[lane])});
    window.highest = std::max(window.highest, highest[lane]);
  }
}

/// What the highest one may count as.
double cap_of(const Window& window) {
  const double others = static_cast<double>(window.count - 1);
  const double mean = (window.sum - window.highest) / others;
  const double square = (window.squares - window.highest * window.highest) / others;
  const double deviation = std::sqrt(std::max(0.0, square - mean * mean));
  return std::max(window.second, mean + outlier * deviation);
}

void cut_outlier(Window& window) {
  if (window.count < 2) return;
  const double cap = cap_of(window);
  if (window.highest <= cap) return;
  double* const value = window.values.data();
  *std::max_element(value, value + window.count) = cap;
  window.sum += cap - window.highest;
}

void measure(const Window& window, Spread& spread) {
  Lanes deviations{};
  Lanes squares{};
  Lanes successive{};
  const Lanes none{};
  std::array<double, spread_samples + 2> away;
  away[0] = 0;
  for (std::size_t i = 0; i < window.count; ++i) away[i + 1] = window.values[i] - spread.mean;
  away[window.count + 1] = 0;
  for (std::size_t i = 0; i < window.count; i += lanes) {
    const Lanes here = load(&away[i + 1]);
    const Lanes up = here > none ? here : none;
    deviations += here * here;
    squares += up * up;
    successive += here * load(&away[i]);
  }
  spread.deviations = total(deviations);
  spread.squares = 2 * total(squares);
  spread.successive = total(successive);
}

double degrees(const Spread& spread) {
  return spread.samples > 1 ? static_cast<double>(spread.samples - 1) : 0.0;
}

/// What the fleet says of those that have said little themselves.
struct Pool {
  double relative_variance = 0;  // over the square of the mean
  double correlation = 0;
};

Pool pool_of(std::span<const Spread> spreads) {
  double variances = 0;
  double means = 0;
  double successive = 0;
  double deviations = 0;
  for (const Spread& spread : spreads) {
    const double square = spread.mean * spread.mean;
    variances += spread.squares / std::max(1.0, degrees(spread));
    means += square;
    if (spread.deviations <= 0 || square <= 0) continue;
    successive += spread.successive / square;
    deviations += spread.deviations / square;
  }
  return {.relative_variance = means > 0 ? variances / means : 0,
          .correlation = deviations > 0 ? successive / deviations : 0};
}

Outlook outlook_of(const Spread& spread, const Pool& pool) {
  const double own = degrees(spread);
  const double fleet = fleet_variance * pool.relative_variance * spread.mean * spread.mean;
  Outlook outlook{.mean = spread.mean,
                  .variance = (fleet + spread.squares) / (fleet_variance + own)};
  if (spread.samples < 3) return outlook;
  const double seen = spread.deviations > 0 ? spread.successive / spread.deviations : 0;
  const double correlation =
      std::clamp((fleet_correlation * pool.correlation + own * seen) / (fleet_correlation + own),
                 0.0, correlation_max);
  const double follows = correlation * correlation;  // two steps ahead
  outlook.mean += follows * (spread.latest - spread.mean);
  outlook.variance *= 1 - follows * follows;
  return outlook;
}

}  // namespace

Outlook& Outlook::operator+=(const Outlook& other) {
  mean += other.mean;
  variance += other.variance;
  return *this;
}

Outlook& Outlook::operator-=(const Outlook& other) {
  mean = std::max(0.0, mean - other.mean);
  variance = std::max(0.0, variance - other.variance);
  return *this;
}

Spread spread_of(std::span<const ContainerSample> samples) {
  Window window;
  take_newest(samples, window);
  Spread spread{.samples = window.count};
  if (window.count == 0) return spread;
  add_up(window);
  cut_outlier(window);
  spread.mean = window.sum / static_cast<double>(window.count);
  spread.latest = window.values[0];
  measure(window, spread);
  return spread;
}

bool is_new_height(double lately, std::span<const double> peaks) {
  constexpr std::size_t of_the_rise = 3;
  constexpr double as_high = 0.8;
  if (peaks.size() < of_the_rise) return false;
  const auto reaches = [&](double peak) { return peak >= as_high * lately; };
  for (std::size_t i = 0; i < of_the_rise && !peaks.empty() && reaches(peaks.back()); ++i) {
    peaks = peaks.first(peaks.size() - 1);
  }
  return std::none_of(peaks.begin(), peaks.end(), reaches);
}

std::vector<Outlook> outlooks_of(std::span<const Spread> spreads) {
  const Pool pool = pool_of(spreads);
  std::vector<Outlook> outlooks;
  outlooks.reserve(spreads.size());
  for (const Spread& spread : spreads) outlooks.push_back(outlook_of(spread, pool));
  return outlooks;
}

double overload_chance(const Outlook& host, double capacity) {
  if (!(capacity > 0)) return 0;
  const double floor = least_deviation * capacity;
  const double distance = (capacity - host.mean) / std::sqrt(host.variance + floor * floor);
  return 1 / (1 + std::exp(slope * distance));
}

double shifted_level(std::span<const double> values) {
  if (values.size() < 2 * lately) return 0;
  const double lowest = *std::min_element(values.begin(), values.begin() + lately);
  const auto before = values.subspan(lately);
  double sum = 0;
  double squares = 0;
  for (const double value : before) sum += value;
  const double mean = sum / static_cast<double>(before.size());
  for (const double value : before) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(before.size() - 1));
  return lowest > mean + certainty * deviation ? lowest : 0;
}

bool steadily_over(const SpreadStand& host, double capacity, double line) {
  if (!(capacity > 0)) return false;
  const double least = host.expected.mean - certainty * std::sqrt(host.expected.variance);
  return std::max(least, host.shifted_to) > line / 100 * capacity;
}

double overload_risk(const Outlook& host, double capacity, double line) {
  if (!(capacity > 0)) return 0;
  const double above = std::max(0.0, host.mean / capacity - line / 100);
  return overload_chance(host, capacity) + line_weight * above;
}

}  // namespace plimsoll
