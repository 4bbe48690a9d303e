#pragma once

#include <vector>

#include "store/sqlite_db.h"
#include "store/summary.h"

namespace plimsoll {

/// Summaries from raw points, and from one-minute roll-ups where the raw points are gone: a minute
/// then belongs to the step in which it begins. Requires: a checked query.
/// Errors: as the readers' of sqlite_reader.h. Blocks: on the disk.
[[nodiscard]] Result<std::vector<SummarySeries>> read_aggregate(SqliteDb& db,
                                                                const AggregateQuery& query);

}  // namespace plimsoll
