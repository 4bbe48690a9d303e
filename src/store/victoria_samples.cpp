#include <algorithm>
#include <cmath>

#include "store/victoria_query.h"

namespace plimsoll {
namespace {

FieldValue typed(double value, FieldType type) {
  // The nearest double of the largest int64 is one too large for it.
  constexpr double whole_max = 9223372036854774784.0;
  if (type == FieldType::integer) {
    return std::int64_t{std::llround(std::clamp(value, -whole_max, whole_max))};
  }
  if (type == FieldType::truth) return value != 0;
  return value;
}

using PointTable = std::map<TagMap, std::map<TimePoint, std::map<std::string, FieldValue>>>;

void take(PointTable& table, const VictoriaSamples& samples,
          const std::map<std::string, FieldType>& types, const PointsQuery& query) {
  const bool info = samples.field == info_field;
  const auto type = types.find(samples.field);
  if (!is_asked_for(samples.tags, query) || (!info && type == types.end())) return;
  auto& rows = table[samples.tags];
  for (const auto& [time, value] : samples.values) {
    if (time < query.from || time >= query.to) continue;
    auto& fields = rows[time];
    if (!info) fields.insert_or_assign(samples.field, typed(value, type->second));
    for (const auto& [name, text] : samples.texts) fields.insert_or_assign(name, text);
  }
}

using RowTable = std::map<TagMap, std::map<TimePoint, std::vector<std::optional<double>>>>;

void take(RowTable& table, const VictoriaSamples& samples, const RangeQuery& query) {
  if (!is_asked_for(samples.tags, query)) return;
  for (std::size_t i = 0; i < query.fields.size(); ++i) {
    if (query.fields[i] != samples.field) continue;
    auto& rows = table[samples.tags];
    for (const auto& [time, value] : samples.values) {
      if (time < query.from || time >= query.to) continue;
      auto& values = rows[time];
      values.resize(query.fields.size());
      values[i] = value;
    }
  }
}

}  // namespace

std::vector<Series> rows_of(const std::vector<VictoriaSamples>& samples, const RangeQuery& query) {
  RowTable table;
  for (const auto& one : samples) take(table, one, query);
  std::vector<Series> answer;
  for (auto& [tags, rows] : table) {
    if (rows.empty()) continue;
    auto& series = answer.emplace_back(Series{tags, {}});
    series.rows.reserve(rows.size());
    for (auto& [time, values] : rows) series.rows.push_back({time, std::move(values)});
  }
  return answer;
}

std::vector<Point> points_of_samples(const std::vector<VictoriaSamples>& samples,
                                     const std::map<std::string, FieldType>& types,
                                     const PointsQuery& query) {
  PointTable table;
  for (const auto& one : samples) take(table, one, types, query);
  std::vector<Point> points;
  for (auto& [tags, rows] : table) {
    for (auto& [time, fields] : rows) {
      if (fields.empty()) continue;
      points.push_back(
          {query.measurement, {tags.begin(), tags.end()}, {fields.begin(), fields.end()}, time});
    }
  }
  return points;
}

}  // namespace plimsoll
