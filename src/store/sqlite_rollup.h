#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/sqlite_schema.h"

namespace plimsoll {

inline constexpr std::int64_t rollup_ms = 60'000;

/// The table of a measurement's one-minute roll-ups: "Device@1m". Its columns: series, time (where
/// the minute begins), n (points in it), and for each numeric field f of the measurement
///   "f.min"
///   "f.max"    NULL: as f.min
///   "f.sum"    NULL: f.min × f.count
///   "f.count"  NULL: n
/// so that a field that does not change in a minute costs one number.
[[nodiscard]] std::string rollup_table(const std::string& measurement);

/// Makes the table and the columns that it lacks.
[[nodiscard]] Result<void> prepare_rollup(SqliteDb& db, const std::string& measurement);
[[nodiscard]] Result<bool> has_rollup(SqliteDb& db, const std::string& measurement);

/// What to do with a minute that has a roll-up already.
enum class Existing { replace, keep };

/// A statement that rolls up the minutes of series ?1 in [?2, ?3), to be run.
/// Requires: prepare_rollup has been done; ?2 and ?3 begin a minute.
[[nodiscard]] Result<SqliteStatement> prepare_roll(SqliteDb& db, const std::string& measurement,
                                                   Existing existing);

/// A statement that gives time, then min, max, sum and count of each field, of series ?1 in
/// [?2, ?3). Fields that have no roll-ups read as NULL.
[[nodiscard]] Result<SqliteStatement> prepare_rollup_read(SqliteDb& db,
                                                          const std::string& measurement,
                                                          const std::vector<std::string>& fields);

}  // namespace plimsoll
