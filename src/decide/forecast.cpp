#include "decide/forecast.h"

#include <cmath>
#include <vector>

namespace plimsoll {
namespace {

constexpr double level_share = 0.3;
constexpr double trend_share = 0.1;
constexpr double error_share = 0.2;

struct Holt {
  double level = 0;
  double trend = 0;

  void take(double value) {
    const double before = level;
    level = level_share * value + (1 - level_share) * (level + trend);
    trend = trend_share * (level - before) + (1 - trend_share) * trend;
  }
  [[nodiscard]] double after(std::size_t steps) const {
    return level + trend * static_cast<double>(steps);
  }
};

}  // namespace

std::optional<Forecast> forecast_of(std::span<const double> values, std::size_t steps) {
  if (values.size() < steps + 2) return std::nullopt;
  Holt holt{.level = values[0]};
  std::vector<double> forecasts;  // for the value `steps` after the one at the same position
  forecasts.reserve(values.size());
  std::optional<double> error;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) holt.take(values[i]);
    forecasts.push_back(holt.after(steps));
    if (i < steps) continue;
    const double off = std::abs(values[i] - forecasts[i - steps]);
    error = error ? error_share * off + (1 - error_share) * *error : off;
  }
  return Forecast{.expected = holt.after(steps), .error = *error};
}

}  // namespace plimsoll
