#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace plimsoll {

/// How often a host that fails is asked (docs/decisions/0014). Times in which it is not asked are
/// whole intervals, so that it keeps its place in the schedule.
class BackOff {
 public:
  /// A host that fails so often in a row or less is asked at each interval.
  static constexpr int patience = 3;

  /// `seed`: differs from host to host, so that those that fell down together are not asked
  /// together. Requires: interval > 0.
  [[nodiscard]] static int intervals_to_skip(int failures, Duration interval, Duration longest,
                                             std::uint64_t seed) {
    if (failures < patience) return 0;
    constexpr int doublings_max = 20;
    const int doublings = std::min(failures - patience + 1, doublings_max);
    const auto gap_max = std::max<std::int64_t>(1, longest / interval);
    const auto gap = std::min(std::int64_t{1} << doublings, gap_max);
    // The upper half of the gap: a failure more never means being asked sooner by more than that.
    const auto spread = static_cast<std::uint64_t>(gap / 2 + 1);
    const auto sooner = static_cast<std::int64_t>(mix(seed, failures) % spread);
    return static_cast<int>(gap - sooner - 1);
  }

 private:
  /// Source: the finaliser of MurmurHash3.
  static std::uint64_t mix(std::uint64_t seed, int failures) {
    std::uint64_t value = seed + static_cast<std::uint64_t>(failures) * 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 33U)) * 0xff51afd7ed558ccdU;
    value = (value ^ (value >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return value ^ (value >> 33U);
  }
};

}  // namespace plimsoll
