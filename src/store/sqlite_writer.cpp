#include "store/sqlite_writer.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t columns_max = 480;        // four times as many and some fit a roll-up's table
constexpr std::int64_t series_max = 1'000'000;  // InfluxDB's default bound per database
constexpr std::size_t series_cached_max = 200'000;
constexpr std::size_t upserts_cached_max = 128;
constexpr std::int64_t minute_ms = 60'000;

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
  const auto batch = keep_storable(std::move(points), report);
  auto written = write_in_transaction(batch, std::move(report));
  if (!written) forget();  // what was looked up may have been rolled back
  return written;
}

Result<WriteReport> SqliteWriter::write_in_transaction(const StorablePoints& batch,
                                                       WriteReport report) {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  if (auto fresh = forget_what_others_changed(); !fresh) return fresh.error();
  for (std::size_t i = 0; i < batch.points.size(); ++i) {
    const Point& point = batch.points[i];
    const auto fault = make_room(point);
    if (!fault) return fault.error();
    if (!fault->empty()) {
      reject(report, batch.positions[i], point, *fault);
      continue;
    }
    const auto written = write_point(point);
    if (!written && written.error().code != Errc::too_large) return written.error();
    if (!written) {
      reject(report, batch.positions[i], point, written.error().message);
    } else {
      ++report.written;
    }
  }
  if (auto committed = transaction->commit(); !committed) return committed.error();
  put_in_order(report);
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

Result<SqliteWriter::KnownSeries*> SqliteWriter::series_of(const Point& point) {
  auto tags = tags_to_json(point.tags);
  auto key = point.measurement + tags;
  if (const auto known = series_.find(key); known != series_.end()) return &known->second;
  auto find =
      db_.prepare("SELECT id, fresh_until FROM series WHERE measurement = ?1 AND tags = ?2");
  if (!find) return find.error();
  find->bind(1, point.measurement);
  find->bind(2, tags);
  const auto row = find->step();
  if (!row) return row.error();
  KnownSeries found;
  if (*row) {
    found = {find->integer(0), find->integer(1)};
  } else {
    const auto made = make_series(point, tags);
    if (!made) return made.error();
    found.id = *made;
  }
  if (series_.size() >= series_cached_max) series_.clear();
  return &series_.emplace(std::move(key), found).first->second;
}

// Set an hour ahead, so that hardly a point costs a write more.
Result<void> SqliteWriter::keep_fresh(KnownSeries& series, std::int64_t time) {
  if (time < series.fresh_until) return {};
  constexpr std::int64_t ahead_ms = 3'600'000;
  auto update = db_.prepare("UPDATE series SET fresh_until = ?2 WHERE id = ?1");
  if (!update) return update.error();
  update->bind(1, series.id);
  update->bind(2, time + ahead_ms);
  if (auto done = update->run(); !done) return done;
  series.fresh_until = time + ahead_ms;
  return {};
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
  const std::int64_t time = point.time.time_since_epoch().count();
  const auto found = series_of(point);
  if (!found) return found.error();
  KnownSeries& series = **found;
  if (auto fresh = keep_fresh(series, time); !fresh) return fresh;
  const auto statement = upsert(point);
  if (!statement) return statement.error();
  SqliteStatement& insert = **statement;
  insert.bind(1, series.id);
  insert.bind(2, time);
  int index = 2;
  for (const auto& field : point.fields) bind(insert, ++index, field.second);
  if (auto inserted = insert.run(); !inserted) return inserted;
  return mark_late(point, series.id);
}

// A minute that has its roll-ups already needs them anew.
Result<void> SqliteWriter::mark_late(const Point& point, std::int64_t series) {
  auto known = late_before_.find(point.measurement);
  if (known == late_before_.end()) {
    const auto marks = marks_of(db_, point.measurement);
    if (!marks) return marks.error();
    known = late_before_.emplace(point.measurement, marks->late_before).first;
  }
  const std::int64_t time = point.time.time_since_epoch().count();
  if (time >= known->second) return {};
  auto mark = db_.prepare("INSERT OR IGNORE INTO _late VALUES(?1, ?2, ?3)");
  if (!mark) return mark.error();
  mark->bind(1, point.measurement);
  mark->bind(2, series);
  mark->bind(3, time / minute_ms * minute_ms);
  return mark->run();
}

void SqliteWriter::forget() {
  columns_.clear();
  series_.clear();
  series_count_.reset();
  upserts_.clear();
  late_before_.clear();
}

}  // namespace plimsoll
