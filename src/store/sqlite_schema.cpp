#include "store/sqlite_schema.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/json_writer.h"

namespace plimsoll {
namespace {

constexpr std::int64_t application_id = 0x504c4d53;  // "PLMS"

constexpr const char* first_schema = R"sql(
CREATE TABLE series(
  id INTEGER PRIMARY KEY,
  measurement TEXT NOT NULL,
  tags TEXT NOT NULL,
  fresh_until INTEGER,
  UNIQUE(measurement, tags));
CREATE INDEX series_host ON series(measurement, json_extract(tags, '$.host'));
)sql";

constexpr const char* upkeep_schema = R"sql(
CREATE TABLE _upkeep(
  measurement TEXT PRIMARY KEY,
  late_before INTEGER NOT NULL,
  rolled_until INTEGER NOT NULL,
  raw_from INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE _late(
  measurement TEXT NOT NULL,
  series INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  PRIMARY KEY(measurement, series, minute)) WITHOUT ROWID;
)sql";

const char* sql_type(FieldType type) {
  switch (type) {
    case FieldType::number:
      return "REAL";
    case FieldType::integer:
      return "INTEGER";
    case FieldType::truth:
      return "BOOLEAN";
    case FieldType::text:
      return "TEXT";
  }
  return "";
}

FieldType field_type(std::string_view sql) {
  if (sql == "INTEGER") return FieldType::integer;
  if (sql == "BOOLEAN") return FieldType::truth;
  return sql == "TEXT" ? FieldType::text : FieldType::number;
}

Result<void> create_schema(SqliteDb& db) {
  return db.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; {} {}",
                             application_id, sqlite_schema_version, first_schema, upkeep_schema));
}

Result<void> migrate(SqliteDb& db, std::int64_t version) {
  if (version == sqlite_schema_version) return {};
  return db.exec(
      fmt::format("{} ALTER TABLE series ADD COLUMN fresh_until INTEGER; "
                  "PRAGMA user_version={}",
                  version < 2 ? upkeep_schema : "", sqlite_schema_version));
}

}  // namespace

Result<void> prepare_schema(SqliteDb& db) {
  auto transaction = SqliteTransaction::begin(db, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  const auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables == 0) {
    if (auto created = create_schema(db); !created) return created;
    return transaction->commit();
  }
  const auto owner = db.integer("PRAGMA application_id");
  const auto version = db.integer("PRAGMA user_version");
  if (!owner) return owner.error();
  if (!version) return version.error();
  if (*owner != application_id) {
    return Error{Errc::refused,
                 db.file() + ": belongs to another program; choose another data_dir"};
  }
  if (*version > sqlite_schema_version) {
    return Error{
        Errc::refused,
        fmt::format("{}: written by a newer plimsoll (format {}, this one knows up to {}); "
                    "update plimsoll, or choose another data_dir",
                    db.file(), *version, sqlite_schema_version)};
  }
  if (auto migrated = migrate(db, *version); !migrated) return migrated;
  return transaction->commit();
}

Result<std::vector<SqliteColumn>> columns_of(SqliteDb& db, const std::string& measurement) {
  auto rows = db.prepare(
      "SELECT name, type FROM pragma_table_info(?1) WHERE name NOT IN ('series', 'time')");
  if (!rows) return rows.error();
  rows->bind(1, measurement);
  std::vector<SqliteColumn> columns;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return columns;
    columns.push_back({std::string{rows->text(0)}, field_type(rows->text(1))});
  }
}

Result<void> create_measurement(SqliteDb& db, const std::string& measurement) {
  return db.exec(
      fmt::format("CREATE TABLE IF NOT EXISTS {}(series INTEGER NOT NULL, time INTEGER "
                  "NOT NULL, PRIMARY KEY(series, time)) WITHOUT ROWID",
                  sql_name(measurement)));
}

Result<void> add_column(SqliteDb& db, const std::string& measurement, const SqliteColumn& column) {
  return db.exec(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", sql_name(measurement),
                             sql_name(column.name), sql_type(column.type)));
}

Result<SqliteMarks> marks_of(SqliteDb& db, const std::string& measurement) {
  auto find =
      db.prepare("SELECT late_before, rolled_until, raw_from FROM _upkeep WHERE measurement = ?1");
  if (!find) return find.error();
  find->bind(1, measurement);
  const auto row = find->step();
  if (!row) return row.error();
  if (!*row) return SqliteMarks{};
  return SqliteMarks{find->integer(0), find->integer(1), find->integer(2)};
}

Result<void> set_marks(SqliteDb& db, const std::string& measurement, const SqliteMarks& marks) {
  auto put = db.prepare("INSERT OR REPLACE INTO _upkeep VALUES(?1, ?2, ?3, ?4)");
  if (!put) return put.error();
  put->bind(1, measurement);
  put->bind(2, marks.late_before);
  put->bind(3, marks.rolled_until);
  put->bind(4, marks.raw_from);
  return put->run();
}

std::string tags_to_json(const std::vector<Tag>& sorted_tags) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : sorted_tags) json.field(name, value);
  return json.end_object().take();
}

TagMap tags_from_json(std::string_view json) {
  boost::system::error_code error;
  const auto document = boost::json::parse({json.data(), json.size()}, error);
  TagMap tags;
  if (error || !document.is_object()) return tags;
  for (const auto& [name, value] : document.get_object()) {
    if (const auto* text = value.if_string()) {
      tags.emplace(std::string{name.data(), name.size()}, std::string{text->data(), text->size()});
    }
  }
  return tags;
}

}  // namespace plimsoll
