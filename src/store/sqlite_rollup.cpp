#include "store/sqlite_rollup.h"

#include <fmt/format.h>

#include <array>
#include <set>

namespace plimsoll {
namespace {

constexpr std::array<const char*, 4> figures{".min", ".max", ".sum", ".count"};

std::string column(const std::string& field, const char* figure) {
  return sql_name(field + figure);
}

Result<std::vector<std::string>> numeric_fields(SqliteDb& db, const std::string& measurement) {
  const auto columns = columns_of(db, measurement);
  if (!columns) return columns.error();
  std::vector<std::string> fields;
  for (const auto& one : *columns) {
    if (one.type != FieldType::text) fields.push_back(one.name);
  }
  return fields;
}

Result<std::set<std::string>> names_in(SqliteDb& db, const std::string& table) {
  auto rows = db.prepare("SELECT name FROM pragma_table_info(?1)");
  if (!rows) return rows.error();
  rows->bind(1, table);
  std::set<std::string> names;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return names;
    names.emplace(rows->text(0));
  }
}

}  // namespace

std::string rollup_table(const std::string& measurement) { return measurement + "@1m"; }

Result<void> prepare_rollup(SqliteDb& db, const std::string& measurement) {
  const auto table = sql_name(rollup_table(measurement));
  auto made =
      db.exec(fmt::format("CREATE TABLE IF NOT EXISTS {}(series INTEGER NOT NULL, time INTEGER NOT "
                          "NULL, n INTEGER NOT NULL, PRIMARY KEY(series, time)) WITHOUT ROWID",
                          table));
  if (!made) return made;
  const auto fields = numeric_fields(db, measurement);
  if (!fields) return fields.error();
  const auto there = names_in(db, rollup_table(measurement));
  if (!there) return there.error();
  for (const auto& field : *fields) {
    for (const char* figure : figures) {
      if (there->contains(field + figure)) continue;
      auto added =
          db.exec(fmt::format("ALTER TABLE {} ADD COLUMN {} REAL", table, column(field, figure)));
      if (!added) return added;
    }
  }
  return {};
}

Result<bool> has_rollup(SqliteDb& db, const std::string& measurement) {
  const auto names = names_in(db, rollup_table(measurement));
  if (!names) return names.error();
  return !names->empty();
}

Result<SqliteStatement> prepare_roll(SqliteDb& db, const std::string& measurement,
                                     Existing existing) {
  const auto fields = numeric_fields(db, measurement);
  if (!fields) return fields.error();
  std::string names = "series, time, n";
  std::string values = fmt::format("series, time / {0} * {0}, count(*)", rollup_ms);
  for (const auto& field : *fields) {
    for (const char* figure : figures) names += ", " + column(field, figure);
    // total(), since sum() of whole numbers may overflow.
    values += fmt::format(
        ", min({0}), nullif(max({0}), min({0})), nullif(total({0}), min({0}) * count({0})), "
        "nullif(count({0}), count(*))",
        sql_name(field));
  }
  return db.prepare(fmt::format(
      "INSERT OR {} INTO {}({}) SELECT {} FROM {} WHERE series = ?1 AND time >= ?2 AND "
      "time < ?3 GROUP BY time / {}",
      existing == Existing::replace ? "REPLACE" : "IGNORE", sql_name(rollup_table(measurement)),
      names, values, sql_name(measurement), rollup_ms));
}

Result<SqliteStatement> prepare_rollup_read(SqliteDb& db, const std::string& measurement,
                                            const std::vector<std::string>& fields) {
  const auto there = names_in(db, rollup_table(measurement));
  if (!there) return there.error();
  std::string values = "time";
  for (const auto& field : fields) {
    if (!there->contains(field + ".min")) {
      values += ", NULL, NULL, NULL, 0";
      continue;
    }
    const auto min = column(field, figures[0]);
    const auto count = fmt::format("coalesce({}, n)", column(field, figures[3]));
    values += fmt::format(", {0}, coalesce({1}, {0}), coalesce({2}, {0} * {3}), {3}", min,
                          column(field, figures[1]), column(field, figures[2]), count);
  }
  return db.prepare(
      fmt::format("SELECT {} FROM {} WHERE series = ?1 AND time >= ?2 AND time < ?3 ORDER BY time",
                  values, sql_name(rollup_table(measurement))));
}

}  // namespace plimsoll
