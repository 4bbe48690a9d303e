#include "store/memory_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/point_rules.h"

namespace plimsoll {
namespace {

std::optional<double> as_number(const FieldValue& value) {
  switch (type_of(value)) {
    case FieldType::number:
      return std::get<double>(value);
    case FieldType::integer:
      return static_cast<double>(std::get<std::int64_t>(value));
    case FieldType::truth:
      return std::get<bool>(value) ? 1.0 : 0.0;
    case FieldType::text:
      return std::nullopt;
  }
  return std::nullopt;
}

template <class Fields>
std::optional<Row> select(TimePoint time, const Fields& stored,
                          const std::vector<std::string>& fields) {
  Row row{time, {}};
  bool any = false;
  for (const auto& field : fields) {
    const auto found = stored.find(field);
    row.values.push_back(found == stored.end() ? std::nullopt : as_number(found->second));
    any = any || row.values.back().has_value();
  }
  return any ? std::optional{row} : std::nullopt;
}

template <class Tags, class Fields>
Point to_point(const std::string& measurement, const Tags& tags, TimePoint time,
               const Fields& fields) {
  return {measurement, {tags.begin(), tags.end()}, {fields.begin(), fields.end()}, time};
}

}  // namespace

Task<Result<void>> MemoryStore::open() {
  if (error_) co_return *error_;
  co_return Result<void>{};
}

Task<Result<WriteReport>> MemoryStore::write(std::vector<Point> points) {
  if (error_) co_return *error_;
  WriteReport report;
  const auto kept = keep_storable(std::move(points), report);
  for (std::size_t i = 0; i < kept.points.size(); ++i) {
    write_point(kept.points[i], kept.positions[i], report);
  }
  put_in_order(report);
  co_return report;
}

void MemoryStore::write_point(const Point& point, std::size_t position, WriteReport& report) {
  auto& measurement = measurements_[point.measurement];
  for (const auto& [name, value] : point.fields) {
    const auto known = measurement.types.emplace(name, value.index()).first;
    if (known->second != value.index()) {
      return reject(report, position, point, fmt::format("field type conflict: '{}'", name));
    }
  }
  auto& fields = measurement.series[{point.tags.begin(), point.tags.end()}][point.time];
  for (const auto& [name, value] : point.fields) fields.insert_or_assign(name, value);
  ++report.written;
}

Task<Result<std::vector<Series>>> MemoryStore::range(RangeQuery query) {
  if (error_) co_return *error_;
  std::vector<Series> answer;
  const auto found = measurements_.find(query.measurement);
  if (found == measurements_.end()) co_return answer;
  for (const auto& [tags, rows] : found->second.series) {
    if (!is_asked_for(tags, query) || query.from >= query.to) continue;
    Series series{tags, {}};
    for (auto row = rows.lower_bound(query.from); row != rows.lower_bound(query.to); ++row) {
      auto selected = select(row->first, row->second, query.fields);
      if (selected) series.rows.push_back(std::move(*selected));
    }
    if (!series.rows.empty()) answer.push_back(std::move(series));
  }
  co_return answer;
}

Task<Result<std::vector<Point>>> MemoryStore::latest(LatestQuery query) {
  if (error_) co_return *error_;
  std::vector<Point> answer;
  const auto found = measurements_.find(query.measurement);
  if (found == measurements_.end()) co_return answer;
  for (const auto& [tags, rows] : found->second.series) {
    const auto& [time, fields] = *rows.rbegin();
    if (!is_asked_for(tags, query) || time < query.since) continue;
    auto point = to_point(query.measurement, tags, time, fields);
    keep_fields(point, query.fields);
    if (!point.fields.empty()) answer.push_back(std::move(point));
  }
  co_return answer;
}

Task<Result<std::vector<Point>>> MemoryStore::points(PointsQuery query) {
  if (error_) co_return *error_;
  std::vector<Point> answer;
  const auto found = measurements_.find(query.measurement);
  if (found == measurements_.end() || query.from >= query.to) co_return answer;
  for (const auto& [tags, rows] : found->second.series) {
    if (!is_asked_for(tags, query)) continue;
    for (auto row = rows.lower_bound(query.from); row != rows.lower_bound(query.to); ++row) {
      answer.push_back(to_point(query.measurement, tags, row->first, row->second));
    }
  }
  if (answer.size() > points_answer_max) co_return too_many_points();
  sort_by_time(answer);
  co_return answer;
}

Task<Result<std::vector<std::string>>> MemoryStore::measurements() {
  if (error_) co_return *error_;
  std::vector<std::string> names;
  names.reserve(measurements_.size());
  for (const auto& [name, measurement] : measurements_) names.push_back(name);
  co_return names;
}

std::vector<Point> MemoryStore::points() const {
  std::vector<Point> all;
  for (const auto& [name, measurement] : measurements_) {
    for (const auto& [tags, rows] : measurement.series) {
      for (const auto& [time, fields] : rows) all.push_back(to_point(name, tags, time, fields));
    }
  }
  return all;
}

}  // namespace plimsoll
