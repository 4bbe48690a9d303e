#pragma once

#include <vector>

#include "store/point_rules.h"
#include "store/sqlite_schema.h"
#include "store/store.h"

namespace plimsoll {

struct SqliteSeries {
  std::int64_t id = 0;
  TagMap tags;
};

/// The series of a measurement that carry the tags, in the order of theirs; of those that ended
/// before `from` many are left out.
[[nodiscard]] Result<std::vector<SqliteSeries>> find_series(SqliteDb& db,
                                                            const std::string& measurement,
                                                            const TagMap& asked, TimePoint from);
/// Those that a query asks for.
template <class Query>
[[nodiscard]] Result<std::vector<SqliteSeries>> find_series(SqliteDb& db, const Query& query,
                                                            TimePoint from) {
  auto found = find_series(db, query.measurement, query.tags, from);
  if (found && !query.hosts.empty()) {
    std::erase_if(*found, [&](const auto& one) { return !is_asked_for(one.tags, query); });
  }
  return found;
}

/// What to select for a numeric field: its column, or NULL where there is none or it holds text.
[[nodiscard]] std::string selected(const std::vector<SqliteColumn>& columns,
                                   const std::string& field);

/// Bound on what one query reads.
inline constexpr std::size_t sqlite_rows_max = 5'000'000;

/// Readers of a telemetry file; each call sees one state of it, whatever is written meanwhile.
/// Errors: as SqliteDb's; too_large - more than sqlite_rows_max. Blocks: on the disk.
[[nodiscard]] Result<std::vector<Series>> read_range(SqliteDb& db, const RangeQuery& query);
[[nodiscard]] Result<std::vector<Point>> read_latest(SqliteDb& db, const LatestQuery& query);
[[nodiscard]] Result<std::vector<Point>> read_points(SqliteDb& db, const PointsQuery& query);
[[nodiscard]] Result<std::vector<std::string>> read_measurements(SqliteDb& db);

}  // namespace plimsoll
