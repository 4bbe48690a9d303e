#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/units.h"
#include "store/sqlite_rollup.h"
#include "store/store.h"

namespace plimsoll {

/// How much a telemetry file keeps.
struct SqliteKeep {
  Duration raw = std::chrono::hours{48};
  Duration rollups = std::chrono::hours{24 * 30};  ///< Zero: none are made.
  Bytes bytes_max{std::uint64_t{4} << 30};
};

/// The upkeep of a telemetry file: rolls up minutes that are over, deletes what is older than is
/// kept, and beyond bytes_max the oldest first. Works in steps between which others write.
/// Thread: that of the writer whose connection it uses. Blocks: on the disk.
class SqliteKeeper {
 public:
  /// Minutes are rolled up once points for them are not expected any more. Ours.
  static constexpr Duration late_grace = std::chrono::minutes{2};
  /// So many minutes at least are rolled up at a time, since each series costs a look.
  static constexpr Duration roll_at_least = std::chrono::minutes{5};
  /// A step holds up writing no longer than about this. Ours.
  static constexpr Duration step_budget{20};

  /// Requires: `db` outlives it, and prepare_schema has been done.
  SqliteKeeper(SqliteDb& db, SqliteKeep keep) : db_(db), keep_(keep) {}

  /// Plans what there is to do. Requires: no earlier plan is under way.
  [[nodiscard]] Result<void> begin(TimePoint now);
  struct Step {
    bool done = false;            ///< Nothing is left to do.
    bool series_dropped = false;  ///< What the writer knows of series is wrong now.
  };
  /// A part of it. What the writer knows of marks is wrong after it. After a failure, begin anew.
  [[nodiscard]] Result<Step> step();
  [[nodiscard]] StoreUpkeep take_report();

 private:
  enum class Kind { late, roll, purge_raw, purge_rollups, drop_series, shrink, vacuum };
  struct Job {
    Kind kind;
    std::string measurement;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<std::int64_t> series = {};  // still to be done, the next one at the back
    std::optional<SqliteStatement> statement = {};
    Existing existing = Existing::replace;
    bool again = false;  // a shrink after deletions
  };
  struct Oldest {
    std::optional<std::int64_t> raw;
    std::optional<std::int64_t> rollup;
  };

  Result<bool> advance(Job& job);
  Result<bool> roll_late(Job& job);
  Result<void> roll_minute(Job& job, std::int64_t series, std::int64_t minute);
  Result<bool> roll_series(Job& job);
  Result<void> run_roll(SqliteStatement& roll, std::int64_t series, std::int64_t from,
                        std::int64_t to);
  Result<bool> finish_roll(const Job& job);
  Result<bool> purge_series(Job& job);
  Result<bool> drop_series(Job& job);
  Result<bool> shrink();
  Result<bool> vacuum();

  Result<void> plan_roll(const std::string& measurement, std::optional<std::int64_t> from);
  Result<void> plan_purge_raw(const std::string& measurement, std::int64_t before);
  Result<void> plan_purge_rollups(const std::string& measurement, std::int64_t before);
  Result<bool> make_room(const Oldest& oldest);
  Result<Oldest> oldest();
  Result<std::vector<std::int64_t>> series_of(const std::string& measurement);
  Result<std::optional<std::int64_t>> first_time(const std::string& measurement,
                                                 const std::string& table, std::int64_t from);
  Result<std::uint64_t> bytes_used();
  void tell_once(bool& told, std::string note);

  SqliteDb& db_;
  SqliteKeep keep_;
  std::int64_t now_ = 0;
  std::vector<std::string> measurements_;
  std::deque<Job> jobs_;
  StoreUpkeep report_;
  Step step_;
  bool told_full_ = false;
  bool told_raw_ = false;
  bool told_too_small_ = false;
};

}  // namespace plimsoll
