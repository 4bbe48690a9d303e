#include "simulate/figures.h"

#include <algorithm>
#include <cmath>

#include "core/units.h"

namespace plimsoll {
namespace {

constexpr std::size_t return_steps = 6;

// Demands and capacities are sums of a few hundred terms: what is equal on paper counts as equal.
constexpr double rounding = 1e-9;

double percent_of(double part, double whole) { return whole > 0 ? part / whole * 100 : 0; }

double deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double count = static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - sum / count) * (value - sum / count);
  return std::sqrt(squares / count);
}

double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(at))];
}

}  // namespace

void FigureKeeper::count_return(std::size_t step, std::size_t from, const Relocation& move) {
  std::erase_if(departures_, [&](const Departure& one) { return step - one.step > return_steps; });
  returns_ += static_cast<std::size_t>(std::any_of(
      departures_.begin(), departures_.end(),
      [&](const Departure& one) { return one.workload == move.workload && one.from == move.to; }));
  departures_.push_back({move.workload, from, step});
}

void FigureKeeper::move(std::size_t step, std::size_t from, const Relocation& move) {
  ++moves_;
  ++since_;
  moved_bytes_ += fleet_.workloads[move.workload].memory_at(step);
  count_return(step, from, move);
}

void FigureKeeper::score_memory(std::size_t step, const WorkloadHosts& placement) {
  std::vector<double> used(fleet_.hosts.size());
  for (std::size_t i = 0; i < placement.size(); ++i) {
    used[placement[i]] += fleet_.workloads[i].memory_at(step);
  }
  for (std::size_t h = 0; h < used.size(); ++h) {
    const double room = fleet_.hosts[h].memory;
    if (room > 0 && used[h] > room + rounding) ++memory_over_;
  }
}

void FigureKeeper::score(std::size_t step, const WorkloadHosts& placement) {
  std::vector<double> level(fleet_.hosts.size());
  for (std::size_t h = 0; h < level.size(); ++h) {
    const auto& other = fleet_.hosts[h].other_cpu;
    level[h] = other.empty() ? 0 : other[step];
  }
  for (std::size_t i = 0; i < placement.size(); ++i) {
    level[placement[i]] += fleet_.workloads[i].cpu(step);
  }
  BalancingStep scored;
  scored.moves = std::exchange(since_, 0);
  for (std::size_t h = 0; h < level.size(); ++h) {
    const double capacity = fleet_.hosts[h].cpu;
    scored.over += static_cast<std::size_t>(level[h] > capacity + rounding);
    over_90_ += static_cast<std::size_t>(level[h] > 0.9 * capacity + rounding);
    over_80_ += static_cast<std::size_t>(level[h] > 0.8 * capacity + rounding);
    demand_ += level[h];
    unserved_ += std::max(level[h] - capacity, 0.0);
    level[h] = percent_of(level[h], capacity);
  }
  over_100_ += scored.over;
  spread_sum_ += deviation(level);
  score_memory(step, placement);
  std::sort(level.begin(), level.end());
  scored.lowest = level.front();
  scored.lower = quantile(level, 0.25);
  scored.median = quantile(level, 0.5);
  scored.upper = quantile(level, 0.75);
  scored.highest = level.back();
  steps_.push_back(scored);
}

BalancingFigures FigureKeeper::figures() const {
  BalancingFigures figures;
  const double steps = static_cast<double>(steps_.size());
  const double host_steps = steps * static_cast<double>(fleet_.hosts.size());
  figures.over_100 = percent_of(static_cast<double>(over_100_), host_steps);
  figures.over_90 = percent_of(static_cast<double>(over_90_), host_steps);
  figures.over_80 = percent_of(static_cast<double>(over_80_), host_steps);
  figures.memory_over = percent_of(static_cast<double>(memory_over_), host_steps);
  figures.unserved = percent_of(unserved_, demand_);
  figures.moves = moves_;
  figures.returns = returns_;
  figures.moved_gib = moved_bytes_ / static_cast<double>(gib);
  figures.spread = steps > 0 ? spread_sum_ / steps : 0;
  return figures;
}

}  // namespace plimsoll
