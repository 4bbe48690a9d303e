#include "store/sqlite_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/point_rules.h"

namespace plimsoll {
namespace {

TimePoint to_time(std::int64_t ms) { return TimePoint{Duration{ms}}; }
std::int64_t to_ms(TimePoint time) { return storable_time(time).time_since_epoch().count(); }

std::string range_sql(const RangeQuery& query, const std::vector<SqliteColumn>& columns) {
  std::string fields;
  for (const auto& field : query.fields) fields += ", " + selected(columns, field);
  return fmt::format(
      "SELECT time{} FROM {} WHERE series = ?1 AND time >= ?2 AND time < ?3 ORDER BY time", fields,
      sql_name(query.measurement));
}

Row read_row(const SqliteStatement& statement, std::size_t fields) {
  Row row{to_time(statement.integer(0)), {}};
  row.values.reserve(fields);
  for (std::size_t i = 0; i < fields; ++i) {
    const int column = static_cast<int>(i) + 1;
    if (statement.is_null(column)) {
      row.values.emplace_back(std::nullopt);
    } else {
      row.values.emplace_back(statement.number(column));
    }
  }
  return row;
}

bool has_value(const Row& row) {
  return std::any_of(row.values.begin(), row.values.end(), [](const auto& v) { return bool{v}; });
}

Result<std::vector<Row>> read_rows(SqliteStatement& statement, std::int64_t series,
                                   std::size_t fields, std::size_t at_most) {
  statement.bind(1, series);
  std::vector<Row> rows;
  for (;;) {
    const auto stepped = statement.step();
    if (!stepped) return stepped.error();
    if (!*stepped) break;
    auto row = read_row(statement, fields);
    if (has_value(row)) rows.push_back(std::move(row));
    if (rows.size() > at_most) {
      statement.reset();
      return Error{Errc::too_large,
                   fmt::format("more than {} rows; ask for a shorter range", sqlite_rows_max)};
    }
  }
  statement.reset();
  return rows;
}

FieldValue read_value(const SqliteStatement& statement, int column, FieldType type) {
  switch (type) {
    case FieldType::number:
      return statement.number(column);
    case FieldType::integer:
      return statement.integer(column);
    case FieldType::truth:
      return statement.integer(column) != 0;
    case FieldType::text:
      return std::string{statement.text(column)};
  }
  return {};
}

std::vector<Field> read_fields(const SqliteStatement& statement,
                               const std::vector<SqliteColumn>& columns) {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const int column = static_cast<int>(i) + 1;
    if (statement.is_null(column)) continue;
    fields.emplace_back(columns[i].name, read_value(statement, column, columns[i].type));
  }
  return fields;
}

void keep_columns(std::vector<SqliteColumn>& columns, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::erase_if(columns, [&](const SqliteColumn& column) {
    return std::find(names.begin(), names.end(), column.name) == names.end();
  });
}

std::string latest_sql(const std::string& measurement, const std::vector<SqliteColumn>& columns) {
  std::string fields;
  for (const auto& column : columns) fields += ", " + sql_name(column.name);
  return fmt::format(
      "SELECT time{} FROM {} WHERE series = ?1 AND time >= ?2 ORDER BY time DESC LIMIT 1", fields,
      sql_name(measurement));
}

std::string points_sql(const std::string& measurement, const std::vector<SqliteColumn>& columns) {
  std::string fields;
  for (const auto& column : columns) fields += ", " + sql_name(column.name);
  return fmt::format("SELECT time{} FROM {} WHERE series = ?1 AND time >= ?2 AND time < ?3", fields,
                     sql_name(measurement));
}

// Columns in the order of their names, as fields of a point are; none for an unknown measurement.
Result<std::vector<SqliteColumn>> sorted_columns(SqliteDb& db, const std::string& measurement) {
  if (!is_measurement_name(measurement)) return std::vector<SqliteColumn>{};
  auto columns = columns_of(db, measurement);
  if (!columns) return columns.error();
  std::sort(columns->begin(), columns->end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return columns;
}

Result<void> append_points(SqliteStatement& statement, const SqliteSeries& series,
                           const std::string& measurement, const std::vector<SqliteColumn>& columns,
                           std::vector<Point>& out) {
  statement.bind(1, series.id);
  for (;;) {
    const auto row = statement.step();
    if (!row) return row.error();
    if (!*row) break;
    if (out.size() >= points_answer_max) {
      statement.reset();
      return too_many_points();
    }
    out.push_back({measurement,
                   {series.tags.begin(), series.tags.end()},
                   read_fields(statement, columns),
                   to_time(statement.integer(0))});
  }
  statement.reset();
  return {};
}

}  // namespace

Result<std::vector<SqliteSeries>> find_series(SqliteDb& db, const std::string& measurement,
                                              const TagMap& asked, TimePoint from) {
  // The one tag that all series carry has an index; the others are compared here.
  const auto host = asked.find("host");
  const bool by_host = host != asked.end() && !host->second.empty();
  const std::string only_host = by_host ? " AND json_extract(tags, '$.host') = ?3" : "";
  auto rows = db.prepare(
      "SELECT id, tags FROM series WHERE measurement = ?1 AND (fresh_until IS NULL OR fresh_until "
      "> ?2)" +
      only_host + " ORDER BY tags");
  if (!rows) return rows.error();
  rows->bind(1, measurement);
  rows->bind(2, to_ms(from));
  if (by_host) rows->bind(3, host->second);
  std::vector<SqliteSeries> found;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) break;
    auto tags = tags_from_json(rows->text(1));
    if (carries(tags, asked)) found.push_back({rows->integer(0), std::move(tags)});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.tags < b.tags; });
  return found;
}

// What to select for a field: a column that is not there, or holds text, reads as nothing.
std::string selected(const std::vector<SqliteColumn>& columns, const std::string& field) {
  const auto named = [&](const SqliteColumn& column) { return column.name == field; };
  const auto found = std::find_if(columns.begin(), columns.end(), named);
  const bool numeric = found != columns.end() && found->type != FieldType::text;
  return numeric ? sql_name(field) : "NULL";
}

Result<std::vector<Series>> read_range(SqliteDb& db, const RangeQuery& query) {
  auto snapshot = SqliteTransaction::begin(db, SqliteTransaction::Kind::deferred);
  if (!snapshot) return snapshot.error();
  const auto columns = columns_of(db, query.measurement);
  if (!columns) return columns.error();
  if (columns->empty() || !is_measurement_name(query.measurement)) return std::vector<Series>{};
  auto found = find_series(db, query, query.from);
  if (!found) return found.error();
  auto statement = db.prepare(range_sql(query, *columns));
  if (!statement) return statement.error();
  statement->bind(2, to_ms(query.from));
  statement->bind(3, to_ms(query.to));

  std::vector<Series> answer;
  std::size_t room = sqlite_rows_max;
  for (auto& series : *found) {
    auto rows = read_rows(*statement, series.id, query.fields.size(), room);
    if (!rows) return rows.error();
    if (rows->empty()) continue;
    room -= rows->size();
    answer.push_back({std::move(series.tags), std::move(*rows)});
  }
  return answer;
}

Result<std::vector<Point>> read_latest(SqliteDb& db, const LatestQuery& query) {
  auto snapshot = SqliteTransaction::begin(db, SqliteTransaction::Kind::deferred);
  if (!snapshot) return snapshot.error();
  auto columns = sorted_columns(db, query.measurement);
  if (!columns) return columns.error();
  keep_columns(*columns, query.fields);
  if (columns->empty()) return std::vector<Point>{};
  const auto found = find_series(db, query, query.since);
  if (!found) return found.error();
  auto statement = db.prepare(latest_sql(query.measurement, *columns));
  if (!statement) return statement.error();
  statement->bind(2, to_ms(query.since));

  std::vector<Point> points;
  for (const auto& series : *found) {
    statement->bind(1, series.id);
    const auto row = statement->step();
    if (!row) return row.error();
    auto fields = *row ? read_fields(*statement, *columns) : std::vector<Field>{};
    if (!fields.empty()) {
      points.push_back({query.measurement,
                        {series.tags.begin(), series.tags.end()},
                        std::move(fields),
                        to_time(statement->integer(0))});
    }
    statement->reset();
  }
  return points;
}

Result<std::vector<Point>> read_points(SqliteDb& db, const PointsQuery& query) {
  auto snapshot = SqliteTransaction::begin(db, SqliteTransaction::Kind::deferred);
  if (!snapshot) return snapshot.error();
  const auto columns = sorted_columns(db, query.measurement);
  if (!columns) return columns.error();
  if (columns->empty()) return std::vector<Point>{};
  const auto found = find_series(db, query, query.from);
  if (!found) return found.error();
  auto statement = db.prepare(points_sql(query.measurement, *columns));
  if (!statement) return statement.error();
  statement->bind(2, to_ms(query.from));
  statement->bind(3, to_ms(query.to));
  std::vector<Point> points;
  for (const auto& series : *found) {
    auto done = append_points(*statement, series, query.measurement, *columns, points);
    if (!done) return done.error();
  }
  sort_by_time(points);
  return points;
}

Result<std::vector<std::string>> read_measurements(SqliteDb& db) {
  auto rows = db.prepare("SELECT DISTINCT measurement FROM series ORDER BY measurement");
  if (!rows) return rows.error();
  std::vector<std::string> names;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return names;
    names.emplace_back(rows->text(0));
  }
}

}  // namespace plimsoll
