#pragma once

#include <filesystem>
#include <memory>

#include "store/sqlite_keeper.h"
#include "store/store.h"

namespace plimsoll {

/// The embedded back end: one SQLite file, made when missing. One thread writes, others read, and
/// readers do not hold up the writer. Plain SQL reads the file too, see sqlite_schema.h. Raw points
/// and one-minute roll-ups are kept as long as SqliteKeep says, which upkeep() sees to; where the
/// raw points are gone, aggregate() uses the roll-ups.
///
/// Errors: io - the disk is full or fails, and timeout - another program holds the file: try again
/// later; malformed, refused - no telemetry file, or a newer one. Messages start with the path.
/// Requires: outlives the calls made on it.
class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::filesystem::path file, SqliteKeep keep = {});
  ~SqliteStore() override;

  [[nodiscard]] Task<Result<void>> open() override;
  [[nodiscard]] Task<Result<WriteReport>> write(std::vector<Point> points) override;
  [[nodiscard]] Task<Result<std::vector<Series>>> range(RangeQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> latest(LatestQuery query) override;
  [[nodiscard]] Task<Result<std::vector<SummarySeries>>> aggregate(AggregateQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> points(PointsQuery query) override;
  [[nodiscard]] Task<Result<std::vector<std::string>>> measurements() override;
  /// Works in steps of some 20 ms between which others write. A call while another is under way
  /// does nothing.
  [[nodiscard]] Task<Result<StoreUpkeep>> upkeep(TimePoint now) override;
  [[nodiscard]] std::string describe() const override;

 private:
  class Impl;
  Task<Result<StoreUpkeep>> run_upkeep(TimePoint now);
  std::unique_ptr<Impl> impl_;
  bool in_upkeep_ = false;
};

}  // namespace plimsoll
