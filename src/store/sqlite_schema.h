#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/point_rules.h"
#include "store/sqlite_db.h"

namespace plimsoll {

/// Kept in the file's user_version.
inline constexpr std::int64_t sqlite_schema_version = 3;

/// A field of a measurement: a column of its table.
struct SqliteColumn {
  std::string name;
  FieldType type = FieldType::number;
};

using TagMap = std::map<std::string, std::string>;

/// Makes the tables when the file is new, and checks that it is ours and of a version we know.
///
/// The file: table `series` (id, measurement, tags as a JSON object, and in fresh_until a time that
/// all its points are before; NULL: it is not known) and a table per measurement
/// (series, time in ms since 1970, a column per field), so that plain SQL reads it:
///   SELECT datetime(time / 1000, 'unixepoch'), tags ->> 'host', cpu_percent
///   FROM Device JOIN series ON series.id = Device.series;
/// One-minute roll-ups are in a table such as "Device@1m", see sqlite_rollup.h. `_upkeep` has the
/// marks of each measurement, `_late` the minutes to be rolled up anew. A file of an older format
/// gets what it lacks; the size of one of format 1 is bounded, but does not shrink, since SQLite
/// decides that when a file is made.
///
/// Errors: refused - another program's file, or a newer plimsoll's; else as SqliteDb's.
[[nodiscard]] Result<void> prepare_schema(SqliteDb& db);

/// The columns of a measurement's fields; none when it has no table yet.
[[nodiscard]] Result<std::vector<SqliteColumn>> columns_of(SqliteDb& db,
                                                           const std::string& measurement);

[[nodiscard]] Result<void> create_measurement(SqliteDb& db, const std::string& measurement);
[[nodiscard]] Result<void> add_column(SqliteDb& db, const std::string& measurement,
                                      const SqliteColumn& column);

/// Up to where the upkeep of a measurement is, in ms since 1970.
struct SqliteMarks {
  std::int64_t late_before = 0;   ///< A point written before this has its minute rolled up anew.
  std::int64_t rolled_until = 0;  ///< Minutes before this have their roll-ups.
  std::int64_t raw_from = 0;      ///< Raw points before this are gone.
};
[[nodiscard]] Result<SqliteMarks> marks_of(SqliteDb& db, const std::string& measurement);
[[nodiscard]] Result<void> set_marks(SqliteDb& db, const std::string& measurement,
                                     const SqliteMarks& marks);

/// Tags as the `series` table keeps them, the same text for the same tags.
[[nodiscard]] std::string tags_to_json(const std::vector<Tag>& sorted_tags);
[[nodiscard]] TagMap tags_from_json(std::string_view json);

}  // namespace plimsoll
