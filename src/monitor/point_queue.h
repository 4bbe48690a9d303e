#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "telemetry/point.h"

namespace plimsoll {

/// Points on their way to the store, oldest first. Bounded: what does not fit pushes the oldest
/// out, which is counted. In memory only.
class PointQueue {
 public:
  /// Requires: points_max > 0.
  explicit PointQueue(std::size_t points_max) : points_max_(points_max) {}

  void push(std::vector<Point> points);
  /// Removes and gives the oldest, at most so many.
  [[nodiscard]] std::vector<Point> take(std::size_t count_max);

  [[nodiscard]] std::size_t size() const { return points_.size(); }
  [[nodiscard]] bool empty() const { return points_.empty(); }
  /// Since the start.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  std::size_t points_max_;
  std::deque<Point> points_;
  std::uint64_t dropped_ = 0;
};

}  // namespace plimsoll
