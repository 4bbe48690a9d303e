#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace plimsoll {

/// How often something took how long, in buckets as Prometheus counts them.
class DurationHistogram {
 public:
  /// Unit: seconds. Chosen by us: from what a scheduler may be late to the longest time-outs.
  static constexpr std::array<double, 12> bounds{0.001, 0.0025, 0.005, 0.01, 0.02, 0.05,
                                                 0.1,   0.25,   0.5,   1,    2.5,  10};

  void add(std::chrono::duration<double> time) {
    const auto bucket = std::ranges::lower_bound(bounds, time.count()) - bounds.begin();
    ++counts_[static_cast<std::size_t>(bucket)];
    sum_s_ += time.count();
  }

  /// Of those up to bounds[i], and of all where i is their number.
  [[nodiscard]] std::uint64_t cumulative(std::size_t i) const {
    std::uint64_t sum = 0;
    for (std::size_t bucket = 0; bucket <= i; ++bucket) sum += counts_[bucket];
    return sum;
  }
  [[nodiscard]] std::uint64_t count() const { return cumulative(bounds.size()); }
  [[nodiscard]] double sum_s() const { return sum_s_; }

 private:
  std::array<std::uint64_t, bounds.size() + 1> counts_{};
  double sum_s_ = 0;
};

}  // namespace plimsoll
