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

  /// Looks everything up anew: to be called when others changed the file through db().
  void forget();
  void forget_marks() { late_before_.clear(); }
  [[nodiscard]] SqliteDb& db() { return db_; }

 private:
  using Columns = std::map<std::string, SqliteColumn>;  // by name in lower case

  Result<WriteReport> write_in_transaction(const StorablePoints& batch, WriteReport report);
  Result<void> write_point(const Point& point);
  Result<void> forget_what_others_changed();
  Result<Columns*> columns(const std::string& measurement);
  Result<std::string> make_room(const Point& point);
  struct KnownSeries {
    std::int64_t id = 0;
    std::int64_t fresh_until = 0;
  };
  Result<KnownSeries*> series_of(const Point& point);
  Result<void> keep_fresh(KnownSeries& series, std::int64_t time);
  Result<std::int64_t> make_series(const Point& point, const std::string& tags);
  Result<SqliteStatement*> upsert(const Point& point);
  Result<void> mark_late(const Point& point, std::int64_t series);

  SqliteDb db_;
  std::int64_t data_version_ = -1;
  std::map<std::string, Columns> columns_;  // by measurement in lower case
  std::unordered_map<std::string, KnownSeries> series_;
  std::optional<std::int64_t> series_count_;
  std::unordered_map<std::string, SqliteStatement> upserts_;
  std::unordered_map<std::string, std::int64_t> late_before_;  // by measurement
};

}  // namespace plimsoll
