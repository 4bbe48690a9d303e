#pragma once

#include <optional>
#include <span>

#include "decide/policy.h"

namespace plimsoll {

/// How many values of a host's CPU the adaptive detectors look at, and how few are too few.
/// Source: the authors' implementation, CloudSim 3.
inline constexpr int adaptive_values = 30;
inline constexpr int adaptive_values_least = 12;

/// The line on a host's CPU that follows from how it has varied.
/// Unit: percent, oldest first.
/// Source: Beloglazov & Buyya, "Optimal online deterministic algorithms and adaptive heuristics for
/// energy and performance efficient dynamic consolidation of virtual machines in Cloud data
/// centers", Concurrency and Computation 24(13), 2012, sections 5.1.1 and 5.1.2: with `mad` 100
/// less 2.5 median absolute deviations, with `iqr` 100 less 1.5 interquartile ranges; never below
/// 0. Absent: too few values, or another detector.
[[nodiscard]] std::optional<double> adaptive_line(std::span<const double> cpu, Detector detector);

/// What the next value will be by a line laid through the last ten, each weighted with the tricube
/// of its distance to the newest (loess), times the safety of 1.2: at 100 the host is overloaded.
/// Unit: percent, oldest first.
/// Source: as above, section 5.1.3.
/// Absent: fewer than ten values.
[[nodiscard]] std::optional<double> regression_forecast(std::span<const double> cpu);

}  // namespace plimsoll
