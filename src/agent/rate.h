#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace plimsoll {

using Monotonic = std::chrono::steady_clock::time_point;

/// What a counter grew by; nothing where it is unknown or went back, which a restart does: a
/// missing value is a gap, a wrong one is a spike.
[[nodiscard]] inline std::optional<std::uint64_t> growth(std::optional<std::uint64_t> before,
                                                         std::optional<std::uint64_t> after) {
  if (!before || !after || *after < *before) return std::nullopt;
  return *after - *before;
}

/// To three digits after the point: more is noise, and costs bytes on the wire.
[[nodiscard]] inline double trimmed(double value) { return std::round(value * 1000.0) / 1000.0; }

/// Growth in a second.
[[nodiscard]] inline std::optional<double> rate(std::optional<std::uint64_t> before,
                                                std::optional<std::uint64_t> after,
                                                std::chrono::nanoseconds interval) {
  const auto grown = growth(before, after);
  if (!grown || interval.count() <= 0) return std::nullopt;
  return trimmed(static_cast<double>(*grown) * 1e9 / static_cast<double>(interval.count()));
}

}  // namespace plimsoll
