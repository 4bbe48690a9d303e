#include "simulate/trace_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace plimsoll {
namespace {

/// Numbers that are the same with every library, unlike the standard distributions.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  /// From 0 to 1, without 1.
  double share() { return static_cast<double>(engine_() >> 11) / 9007199254740992.0; }
  double between(double low, double high) { return low + (high - low) * share(); }
  /// About normal, mean 0 and s.d. 1: the sum of twelve even ones less six.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += share();
    return sum;
  }

 private:
  std::mt19937_64 engine_;
};

double whole_percent(double share) { return std::round(std::clamp(share, 0.0, 1.0) * 100) / 100; }

// Level, noise, chance and height of bursts were chosen by eye to look like PlanetLab's.
TraceRow bursty_row(Dice& dice, std::size_t steps) {
  TraceRow row;
  const double level = std::pow(dice.share(), 3) * 0.5;
  const double noise = dice.between(0.01, 0.06);
  double burst = 0;
  std::size_t left = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    if (left > 0) --left;
    if (left == 0) burst = 0;
    if (left == 0 && dice.share() < 0.04) {
      burst = dice.between(0.2, 0.9);
      left = 1 + static_cast<std::size_t>(dice.between(0, 6));
    }
    row.cpu.push_back(whole_percent(level + burst + std::abs(dice.normal()) * noise));
  }
  return row;
}

TraceRow smooth_row(Dice& dice, std::size_t steps) {
  TraceRow row;
  double level = dice.between(0.05, 0.6);
  double memory = dice.between(0.1, 0.7);
  const double phase = dice.between(0, 2 * std::numbers::pi);
  const double wave = dice.between(0, 0.1);
  for (std::size_t step = 0; step < steps; ++step) {
    const double day = static_cast<double>(step) / 288 * 2 * std::numbers::pi;
    level = std::clamp(level + dice.normal() * 0.01, 0.01, 0.9);
    memory = std::clamp(memory + dice.normal() * 0.004, 0.01, 0.9);
    row.cpu.push_back(whole_percent(level + wave * std::sin(day + phase)));
    row.memory.push_back(whole_percent(memory));
  }
  return row;
}

}  // namespace

Trace generate_trace(TraceKind kind, std::size_t workloads, std::size_t steps, std::uint64_t seed) {
  Dice dice{seed};
  Trace trace;
  trace.name = fmt::format("{}-{}", kind == TraceKind::bursty ? "bursty" : "smooth", seed);
  trace.steps = steps;
  for (std::size_t i = 0; i < workloads; ++i) {
    auto row = kind == TraceKind::bursty ? bursty_row(dice, steps) : smooth_row(dice, steps);
    row.name = fmt::format("w{:05}", i);
    trace.rows.push_back(std::move(row));
  }
  return trace;
}

}  // namespace plimsoll
