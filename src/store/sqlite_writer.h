#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/sqlite_schema.h"

namespace plimsoll {

/// The writing side of a telemetry file. Thread: one at a time. Blocks: on the disk.
class SqliteWriter {
 public:
  /// Requires: prepare_schema has been done.
  explicit SqliteWriter(SqliteDb db) : db_(std::move(db)) {}

  /// Writes all points in one transaction: after a failure, none of them is there.
  [[nodiscard]] Result<WriteReport> write(std::vector<Point> points);

  struct PurgeStep {
    std::uint64_t deleted = 0;
    std::int64_t next_series = 0;  ///< Where the next step begins.
    bool done = false;
  };
  /// Deletes at most some thousands of points older than `before`, and series without points.
  [[nodiscard]] Result<PurgeStep> purge_step(TimePoint before, std::int64_t from_series);

 private:
  using Columns = std::map<std::string, SqliteColumn>;  // by name in lower case

  Result<WriteReport> write_in_transaction(const std::vector<Point>& points, WriteReport report);
  Result<void> write_point(const Point& point);
  Result<void> forget_what_others_changed();
  Result<Columns*> columns(const std::string& measurement);
  Result<std::string> make_room(const Point& point);
  Result<std::int64_t> series_id(const Point& point);
  Result<std::int64_t> make_series(const Point& point, const std::string& tags);
  Result<SqliteStatement*> upsert(const Point& point);
  Result<std::uint64_t> delete_points(const std::string& measurement, std::int64_t series,
                                      TimePoint before, std::uint64_t at_most);
  Result<bool> delete_series_if_empty(const std::string& measurement, std::int64_t series);
  void forget();

  SqliteDb db_;
  std::int64_t data_version_ = -1;
  std::map<std::string, Columns> columns_;  // by measurement in lower case
  std::unordered_map<std::string, std::int64_t> series_;
  std::optional<std::int64_t> series_count_;
  std::unordered_map<std::string, SqliteStatement> upserts_;
};

}  // namespace plimsoll
