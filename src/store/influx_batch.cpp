#include "store/influx_batch.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

constexpr std::size_t points_per_request = 5'000;
constexpr int splits_max = 256;  // requests spent on finding bad points in one write

}  // namespace

InfluxBatch::InfluxBatch(std::vector<Point> points)
    : batch_(keep_storable(std::move(points), report_)), splits_left_(splits_max) {
  for (std::size_t last = batch_.points.size(); last > 0;) {
    const std::size_t first = (last - 1) / points_per_request * points_per_request;
    auto& part = parts_.emplace_back(last - first);
    std::iota(part.begin(), part.end(), first);
    last = first;
  }
}

InfluxBatch::Part InfluxBatch::next() {
  Part part = std::move(parts_.back());
  parts_.pop_back();
  return part;
}

std::string InfluxBatch::lines(const Part& part) const {
  std::string lines;
  for (const std::size_t point : part) append_line(lines, batch_.points[point]);
  return lines;
}

void InfluxBatch::refuse(std::size_t point, std::string_view why) {
  reject(report_, batch_.positions[point], batch_.points[point], why);
}

void InfluxBatch::split(const Part& part, std::size_t middle) {
  const auto cut = part.begin() + static_cast<std::ptrdiff_t>(middle);
  --splits_left_;
  if (cut != part.end()) parts_.emplace_back(cut, part.end());
  if (cut != part.begin()) parts_.emplace_back(part.begin(), cut);
}

// The others are sent again, since whether they were taken depends on the server.
void InfluxBatch::refuse_named(Part part, const InfluxPartial& partial) {
  std::map<std::size_t, const InfluxLineFault*> faults;
  for (const auto& fault : partial.faults) {
    if (fault.line < part.size()) faults.emplace(fault.line, &fault);
  }
  Part rest;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const auto fault = faults.find(i);
    if (fault == faults.end()) {
      rest.push_back(part[i]);
    } else {
      refuse(part[i], fault->second->why);
    }
  }
  if (!rest.empty()) parts_.push_back(std::move(rest));
}

void InfluxBatch::taken_in_part(Part part, const InfluxPartial& partial) {
  const bool worth_a_search = !partial.dropped || report_.problems.size() < problems_max;
  const auto is_in_part = [&](const InfluxLineFault& fault) { return fault.line < part.size(); };
  if (part.size() == 1) {
    refuse(part.front(), partial.why);
  } else if (std::any_of(partial.faults.begin(), partial.faults.end(), is_in_part)) {
    refuse_named(std::move(part), partial);
  } else if (worth_a_search && splits_left_ > 0) {
    // A line that is only suspected is put first, to be tried alone.
    const bool suspected = partial.suspect && *partial.suspect < part.size();
    if (suspected) std::swap(part.front(), part[*partial.suspect]);
    split(part, suspected ? 1 : part.size() / 2);
  } else {
    const auto dropped = std::min(partial.dropped.value_or(part.size()), part.size());
    report_.written += part.size() - dropped;
    report_.rejected += dropped;
    if (dropped == part.size()) {
      for (const std::size_t point : part) report_.refused.push_back(batch_.positions[point]);
    }
  }
}

WriteReport InfluxBatch::report() && {
  put_in_order(report_);
  return std::move(report_);
}

}  // namespace plimsoll
