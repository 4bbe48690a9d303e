#include "store/point_export.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "store/point_rules.h"

namespace plimsoll {
namespace {

constexpr Duration first_piece = std::chrono::minutes{1};
constexpr double growth_max = 4;

// A piece that gives about half of what an answer may hold, going by the last one.
Duration next_piece(Duration piece, std::size_t points) {
  const double wanted = static_cast<double>(points_answer_max) / 2;
  const double growth = wanted / static_cast<double>(std::max<std::size_t>(points, 1));
  const double ms = static_cast<double>(piece.count()) * std::min(growth, growth_max);
  constexpr double longest = 1e12;
  return Duration{static_cast<Duration::rep>(std::clamp(ms, 1.0, longest))};
}

std::string value_text(const FieldValue& value) {
  switch (static_cast<FieldType>(value.index())) {
    case FieldType::number:
      return fmt::format("{}", std::get<double>(value));
    case FieldType::integer:
      return fmt::format("{}", std::get<std::int64_t>(value));
    case FieldType::truth:
      return std::get<bool>(value) ? "true" : "false";
    case FieldType::text:
      return std::get<std::string>(value);
  }
  return "";
}

// The cells for names in their order; counts the values that have none.
template <class Pairs, class Text>
void append_cells(std::vector<std::string>& cells, const std::set<std::string>& names,
                  const Pairs& pairs, Text text, std::uint64_t& left_out) {
  std::size_t found = 0;
  for (const auto& name : names) {
    const auto pair = std::find_if(pairs.begin(), pairs.end(),
                                   [&](const auto& one) { return one.first == name; });
    cells.push_back(pair == pairs.end() ? std::string{} : text(pair->second));
    if (pair != pairs.end()) ++found;
  }
  left_out += pairs.size() - found;
}

}  // namespace

Task<Result<std::uint64_t>> read_in_pieces(Store* store, PointsQuery query, PointSink* sink) {
  std::uint64_t count = 0;
  Duration piece = first_piece;
  query.from = storable_time(query.from);
  query.to = storable_time(query.to);
  for (TimePoint from = query.from; from < query.to;) {
    PointsQuery part = query;
    part.from = from;
    part.to = std::min(from + piece, query.to);
    const auto points = co_await store->points(std::move(part));
    if (!points) {
      const bool halve = points.error().code == Errc::too_large && piece > Duration{1};
      if (!halve) co_return points.error();
      piece /= 2;
      continue;
    }
    const auto taken = sink->take(*points);
    if (!taken) co_return taken.error();
    count += points->size();
    from += piece;
    piece = next_piece(piece, points->size());
  }
  co_return count;
}

Result<void> CsvColumns::take(const std::vector<Point>& points) {
  for (const auto& point : points) {
    for (const auto& tag : point.tags) tags_.insert(tag.first);
    for (const auto& field : point.fields) fields_.insert(field.first);
  }
  return {};
}

std::string csv_row(const std::vector<std::string>& cells) {
  std::string row;
  for (const auto& cell : cells) {
    if (&cell != &cells.front()) row += ',';
    const bool plain = cell.find_first_of(",\"\r\n") == std::string::npos;
    if (plain) {
      row += cell;
      continue;
    }
    row += '"';
    for (const char c : cell) row.append(c == '"' ? 2U : 1U, c);
    row += '"';
  }
  return row + "\r\n";
}

std::string csv_header(const CsvColumns& columns) {
  std::vector<std::string> cells{"time", "measurement"};
  cells.insert(cells.end(), columns.tags().begin(), columns.tags().end());
  for (const auto& field : columns.fields()) {
    cells.push_back(columns.tags().contains(field) ? field + " (field)" : field);
  }
  return csv_row(cells);
}

std::string csv_line(const CsvColumns& columns, const Point& point, std::uint64_t& left_out) {
  std::vector<std::string> cells{format_rfc3339(point.time), point.measurement};
  append_cells(
      cells, columns.tags(), point.tags, [](const std::string& text) { return text; }, left_out);
  append_cells(cells, columns.fields(), point.fields, value_text, left_out);
  return csv_row(cells);
}

Result<TimePoint> parse_moment(std::string_view text, TimePoint now) {
  if (text == "now") return now;
  if (text.starts_with('-')) {
    if (const auto ago = parse_duration(text.substr(1))) return now - *ago;
  }
  if (const auto time = parse_rfc3339(text)) return *time;
  if (const auto day = parse_rfc3339(std::string{text} + "T00:00:00Z")) return *day;
  return Error{Errc::invalid,
               fmt::format("'{}' is no time; write now, -90m, 2026-11-22 or 2026-11-22T08:00:00Z",
                           printable(text, 40))};
}

}  // namespace plimsoll
