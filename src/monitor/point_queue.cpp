#include "monitor/point_queue.h"

#include <algorithm>
#include <iterator>

namespace plimsoll {

void PointQueue::push(std::vector<Point> points) {
  for (auto& point : points) {
    if (points_.size() == points_max_) {
      points_.pop_front();
      ++dropped_;
    }
    points_.push_back(std::move(point));
  }
}

std::vector<Point> PointQueue::take(std::size_t count_max) {
  const auto end = points_.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, size()));
  std::vector<Point> taken{std::make_move_iterator(points_.begin()), std::make_move_iterator(end)};
  points_.erase(points_.begin(), end);
  return taken;
}

}  // namespace plimsoll
