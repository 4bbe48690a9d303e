#include "monitor/batch_splitter.h"

#include <fmt/format.h>

#include "core/text.h"
#include "store/point_rules.h"

namespace plimsoll {

BatchSplitter::BatchSplitter(std::vector<Point> points) : points_(std::move(points)) {
  if (!points_.empty()) parts_.push_back({0, points_.size()});
}

std::vector<Point> BatchSplitter::next() const {
  const auto at = [&](std::size_t i) { return points_.begin() + static_cast<std::ptrdiff_t>(i); };
  return {at(parts_.back().first), at(parts_.back().last)};
}

void BatchSplitter::written() {
  parts_.pop_back();
  any_taken_ = true;
}

void BatchSplitter::refused(const std::string& why) {
  ++refusals_;
  const Part part = parts_.back();
  parts_.pop_back();
  if (part.last - part.first > 1) {
    const std::size_t middle = part.first + (part.last - part.first) / 2;
    parts_.push_back({middle, part.last});
    parts_.push_back({part.first, middle});
    return;
  }
  if (bad_++ > 0) return;
  problem_ = fmt::format("point {} of {}, {}: {}", part.first + 1, points_.size(),
                         series_name(points_[part.first]), printable(why));
}

}  // namespace plimsoll
