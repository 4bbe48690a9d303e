#pragma once

#include <filesystem>
#include <memory>

#include "store/store.h"

namespace plimsoll {

/// The embedded back end: one SQLite file, made when missing. One thread writes, others read, and
/// readers do not hold up the writer. Plain SQL reads the file too, see sqlite_schema.h.
///
/// Errors: io - the disk is full or fails, and timeout - another program holds the file: try again
/// later; malformed, refused - no telemetry file, or a newer one. Messages start with the path.
/// Requires: outlives the calls made on it.
class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::filesystem::path file);
  ~SqliteStore() override;

  [[nodiscard]] Task<Result<void>> open() override;
  [[nodiscard]] Task<Result<WriteReport>> write(std::vector<Point> points) override;
  [[nodiscard]] Task<Result<std::vector<Series>>> range(RangeQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> latest(LatestQuery query) override;
  [[nodiscard]] std::string describe() const override;

  /// Deletes the points older than `before`, in small steps between which others write, and gives
  /// their number. To be called from time to time by whoever owns the store.
  [[nodiscard]] Task<Result<std::uint64_t>> purge(TimePoint before);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// How long raw points are kept.
inline constexpr Duration sqlite_raw_retention = std::chrono::hours{48};

}  // namespace plimsoll
