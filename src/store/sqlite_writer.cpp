#include "store/sqlite_writer.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t columns_max = 512;
constexpr std::int64_t series_max = 1'000'000;  // InfluxDB's default bound per database
constexpr std::size_t series_cached_max = 200'000;
constexpr std::size_t upserts_cached_max = 128;
constexpr std::uint64_t purge_points_max = 5'000;
constexpr int purge_series_max = 500;

std::string upsert_sql(const Point& point) {
  std::string names = "series, time";
  std::string values = "?1, ?2";
  std::string updates;
  int index = 2;
  for (const auto& [name, value] : point.fields) {
    const auto quoted = sql_name(name);
    names += ", " + quoted;
    values += fmt::format(", ?{}", ++index);
    updates += fmt::format("{}{} = excluded.{}", updates.empty() ? "" : ", ", quoted, quoted);
  }
  return fmt::format("INSERT INTO {}({}) VALUES({}) ON CONFLICT(series, time) DO UPDATE SET {}",
                     sql_name(point.measurement), names, values, updates);
}

void bind(SqliteStatement& statement, int index, const FieldValue& value) {
  switch (type_of(value)) {
    case FieldType::number:
      return statement.bind(index, std::get<double>(value));
    case FieldType::integer:
      return statement.bind(index, std::get<std::int64_t>(value));
    case FieldType::truth:
      return statement.bind(index, std::int64_t{std::get<bool>(value)});
    case FieldType::text:
      return statement.bind(index, std::get<std::string>(value));
  }
}

std::string column_fault(const SqliteColumn& column, const Field& field) {
  if (column.name != field.first) {
    return fmt::format("field '{}' differs from '{}' only in case", field.first, column.name);
  }
  const auto type = type_of(field.second);
  if (column.type == type) return "";
  return fmt::format("field type conflict: '{}' is {} here, but {} in the store", field.first,
                     to_string(type), to_string(column.type));
}

// Of SQLite's own tables and ours: a measurement must not take their names.
bool is_reserved(const std::string& measurement) {
  const auto lower = to_lower(measurement);
  return lower == "series" || lower.starts_with("sqlite_");
}

}  // namespace

Result<WriteReport> SqliteWriter::write(std::vector<Point> points) {
  WriteReport report;
  points = keep_storable(std::move(points), report);
  auto written = write_in_transaction(points, std::move(report));
  if (!written) forget();  // what was looked up may have been rolled back
  return written;
}

Result<WriteReport> SqliteWriter::write_in_transaction(const std::vector<Point>& points,
                                                       WriteReport report) {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  if (auto fresh = forget_what_others_changed(); !fresh) return fresh.error();
  for (const auto& point : points) {
    const auto fault = make_room(point);
    if (!fault) return fault.error();
    if (!fault->empty()) {
      reject(report, series_name(point) + ": " + *fault);
      continue;
    }
    const auto written = write_point(point);
    if (!written && written.error().code != Errc::too_large) return written.error();
    if (!written) {
      reject(report, series_name(point) + ": " + written.error().message);
    } else {
      ++report.written;
    }
  }
  if (auto committed = transaction->commit(); !committed) return committed.error();
  return report;
}

Result<void> SqliteWriter::forget_what_others_changed() {
  const auto version = db_.integer("PRAGMA data_version");
  if (!version) return version.error();
  if (*version != data_version_) forget();
  data_version_ = *version;
  return {};
}

Result<SqliteWriter::Columns*> SqliteWriter::columns(const std::string& measurement) {
  const auto table = to_lower(measurement);  // SQLite's names know no case
  if (const auto known = columns_.find(table); known != columns_.end()) return &known->second;
  if (auto created = create_measurement(db_, measurement); !created) return created.error();
  auto found = columns_of(db_, measurement);
  if (!found) return found.error();
  Columns columns;
  for (auto& column : *found) columns.emplace(to_lower(column.name), column);
  return &columns_.emplace(table, std::move(columns)).first->second;
}

// Gives the columns that a point needs, or says why it cannot be stored.
Result<std::string> SqliteWriter::make_room(const Point& point) {
  if (is_reserved(point.measurement)) return std::string{"reserved measurement name"};
  auto known = columns(point.measurement);
  if (!known) return known.error();
  Columns& columns = **known;
  for (const auto& field : point.fields) {
    const auto column = columns.find(to_lower(field.first));
    if (column != columns.end()) {
      if (auto fault = column_fault(column->second, field); !fault.empty()) return fault;
      continue;
    }
    if (columns.size() >= columns_max) {
      return fmt::format("field '{}' would be one of more than {}", field.first, columns_max);
    }
    const SqliteColumn added{field.first, type_of(field.second)};
    if (auto done = add_column(db_, point.measurement, added); !done) return done.error();
    columns.emplace(to_lower(field.first), added);
  }
  return std::string{};
}

Result<std::int64_t> SqliteWriter::series_id(const Point& point) {
  auto tags = tags_to_json(point.tags);
  auto key = point.measurement + tags;
  if (const auto known = series_.find(key); known != series_.end()) return known->second;
  auto find = db_.prepare("SELECT id FROM series WHERE measurement = ?1 AND tags = ?2");
  if (!find) return find.error();
  find->bind(1, point.measurement);
  find->bind(2, tags);
  const auto row = find->step();
  if (!row) return row.error();
  auto id = *row ? Result<std::int64_t>{find->integer(0)} : make_series(point, tags);
  if (!id) return id;
  if (series_.size() >= series_cached_max) series_.clear();
  series_.emplace(std::move(key), *id);
  return id;
}

Result<std::int64_t> SqliteWriter::make_series(const Point& point, const std::string& tags) {
  if (!series_count_) {
    const auto count = db_.integer("SELECT count(*) FROM series");
    if (!count) return count;
    series_count_ = *count;
  }
  if (*series_count_ >= series_max) {
    return Error{Errc::too_large,
                 fmt::format("{}: already holds {} series; set store.container_id_tag = false",
                             db_.file(), series_max)};
  }
  auto insert = db_.prepare("INSERT INTO series(measurement, tags) VALUES(?1, ?2)");
  if (!insert) return insert.error();
  insert->bind(1, point.measurement);
  insert->bind(2, tags);
  if (auto inserted = insert->run(); !inserted) return inserted.error();
  ++*series_count_;
  return db_.integer("SELECT last_insert_rowid()");
}

Result<SqliteStatement*> SqliteWriter::upsert(const Point& point) {
  std::string key = point.measurement;
  for (const auto& field : point.fields) (key += '\n') += field.first;
  if (const auto known = upserts_.find(key); known != upserts_.end()) return &known->second;
  auto statement = db_.prepare(upsert_sql(point));
  if (!statement) return statement.error();
  if (upserts_.size() >= upserts_cached_max) upserts_.clear();
  return &upserts_.emplace(std::move(key), std::move(*statement)).first->second;
}

Result<void> SqliteWriter::write_point(const Point& point) {
  const auto series = series_id(point);
  if (!series) return series.error();
  const auto statement = upsert(point);
  if (!statement) return statement.error();
  SqliteStatement& insert = **statement;
  insert.bind(1, *series);
  insert.bind(2, std::int64_t{point.time.time_since_epoch().count()});
  int index = 2;
  for (const auto& field : point.fields) bind(insert, ++index, field.second);
  return insert.run();
}

Result<SqliteWriter::PurgeStep> SqliteWriter::purge_step(TimePoint before,
                                                         std::int64_t from_series) {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  auto list = db_.prepare("SELECT id, measurement FROM series WHERE id >= ?1 ORDER BY id LIMIT ?2");
  if (!list) return list.error();
  list->bind(1, from_series);
  list->bind(2, std::int64_t{purge_series_max});
  std::vector<std::pair<std::int64_t, std::string>> series;
  auto row = list->step();
  for (; row && *row; row = list->step()) series.emplace_back(list->integer(0), list->text(1));
  if (!row) return row.error();

  PurgeStep step{.deleted = 0, .next_series = from_series, .done = series.empty()};
  for (const auto& [id, measurement] : series) {
    const auto deleted = delete_points(measurement, id, before, purge_points_max - step.deleted);
    if (!deleted) return deleted.error();
    step.deleted += *deleted;
    step.next_series = id;
    if (step.deleted >= purge_points_max) break;  // this series may have more
    if (auto emptied = delete_series_if_empty(measurement, id); !emptied) return emptied.error();
    step.next_series = id + 1;
  }
  if (auto committed = transaction->commit(); !committed) return committed.error();
  return step;
}

Result<std::uint64_t> SqliteWriter::delete_points(const std::string& measurement,
                                                  std::int64_t series, TimePoint before,
                                                  std::uint64_t at_most) {
  const auto table = sql_name(measurement);
  auto remove = db_.prepare(
      fmt::format("DELETE FROM {} WHERE series = ?1 AND time IN (SELECT time FROM {} WHERE series "
                  "= ?1 AND time < ?2 ORDER BY time LIMIT ?3)",
                  table, table));
  if (!remove) return remove.error();
  remove->bind(1, series);
  remove->bind(2, std::int64_t{before.time_since_epoch().count()});
  remove->bind(3, static_cast<std::int64_t>(at_most));
  if (auto removed = remove->run(); !removed) return removed.error();
  return static_cast<std::uint64_t>(db_.changes());
}

Result<bool> SqliteWriter::delete_series_if_empty(const std::string& measurement,
                                                  std::int64_t series) {
  auto remove =
      db_.prepare(fmt::format("DELETE FROM series WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM {} "
                              "WHERE series = ?1)",
                              sql_name(measurement)));
  if (!remove) return remove.error();
  remove->bind(1, series);
  if (auto removed = remove->run(); !removed) return removed.error();
  const bool gone = db_.changes() > 0;
  if (gone) series_.clear();
  if (gone) series_count_.reset();
  return gone;
}

void SqliteWriter::forget() {
  columns_.clear();
  series_.clear();
  series_count_.reset();
  upserts_.clear();
}

}  // namespace plimsoll
