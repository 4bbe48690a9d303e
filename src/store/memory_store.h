#pragma once

#include <map>
#include <optional>

#include "store/store.h"

namespace plimsoll {

/// A store without a disk, for tests of what uses one; the conformance suite holds it to the same
/// answers as the real ones. Never forgets, so not for real use.
/// Thread: one at a time.
class MemoryStore : public Store {
 public:
  [[nodiscard]] Task<Result<void>> open() override;
  [[nodiscard]] Task<Result<WriteReport>> write(std::vector<Point> points) override;
  [[nodiscard]] Task<Result<std::vector<Series>>> range(RangeQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> latest(LatestQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> points(PointsQuery query) override;
  [[nodiscard]] Task<Result<std::vector<std::string>>> measurements() override;
  [[nodiscard]] std::string describe() const override { return "memory"; }

  /// From now on every call fails with `error`, until told nothing.
  void fail_with(std::optional<Error> error) { error_ = std::move(error); }
  /// Everything stored, in the order of measurement, tags and time.
  [[nodiscard]] std::vector<Point> points() const;

 private:
  using Tags = std::map<std::string, std::string>;
  using Fields = std::map<std::string, FieldValue>;
  using Rows = std::map<TimePoint, Fields>;
  struct Measurement {
    std::map<std::string, std::size_t> types;  // FieldValue's index, by field
    std::map<Tags, Rows> series;
  };

  void write_point(const Point& point, std::size_t position, WriteReport& report);

  std::optional<Error> error_;
  std::map<std::string, Measurement> measurements_;
};

}  // namespace plimsoll
