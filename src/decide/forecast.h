#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace plimsoll {

/// What a series is expected to be some steps after its end.
struct Forecast {
  double expected = 0;
  /// How far such forecasts were off of late, on the average: the newest errors weigh most.
  double error = 0;
  friend bool operator==(const Forecast&, const Forecast&) = default;
};

/// Holt's linear smoothing: a level and a trend, each moved towards what comes. Every forecast that
/// the series itself can check is checked, and gives the error.
/// Source: Holt 1957 (reprinted Int. J. of Forecasting 20, 2004); level 0.3, trend 0.1, errors 0.2:
/// ours, tried on ramps with noise.
/// Absent: fewer than two values, or none that checks a forecast.
[[nodiscard]] std::optional<Forecast> forecast_of(std::span<const double> values,
                                                  std::size_t steps);

}  // namespace plimsoll
