#pragma once

#include <vector>

#include "store/sqlite_db.h"
#include "store/store.h"

namespace plimsoll {

/// Reads a telemetry file; each call sees one state of it, whatever is written meanwhile.
/// Errors: as SqliteDb's; too_large - more than 5 million rows. Blocks: on the disk.
[[nodiscard]] Result<std::vector<Series>> read_range(SqliteDb& db, const RangeQuery& query);
[[nodiscard]] Result<std::vector<Point>> read_latest(SqliteDb& db, const LatestQuery& query);

}  // namespace plimsoll
