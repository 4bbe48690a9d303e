#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/store.h"
#include "support/run_task.h"
#include "telemetry/line_protocol.h"

namespace plimsoll {

/// An empty store of one back end, for one test.
class TestedStore {
 public:
  virtual ~TestedStore() = default;
  virtual std::unique_ptr<Store> connect(asio::any_io_executor executor) = 0;
};

/// A back end that the conformance suite runs on.
struct BackEnd {
  std::string name;
  /// Gives nothing and a reason where a component is missing.
  Result<std::unique_ptr<TestedStore>> (*make)();
};

inline std::ostream& operator<<(std::ostream& out, const BackEnd& back_end) {
  return out << back_end.name;
}

/// As a line of the line protocol.
inline void PrintTo(const Point& point, std::ostream* out) {
  std::string line;
  append_line(line, point);
  *out << line;
}

class StoreConformance : public testing::TestWithParam<BackEnd> {
 protected:
  void SetUp() override;

  WriteReport write(std::vector<Point> points);
  std::vector<Series> range(RangeQuery query);
  std::vector<Point> latest(LatestQuery query);
  std::vector<Point> points(PointsQuery query);
  std::vector<SummarySeries> aggregate(AggregateQuery query);

  asio::io_context context_;
  std::unique_ptr<TestedStore> tested_;
  std::unique_ptr<Store> store_;
};

/// The beginning of a minute of 2025 and milliseconds after it.
[[nodiscard]] TimePoint at(std::int64_t ms);
[[nodiscard]] Point device(std::string host, std::int64_t ms, std::vector<Field> fields);

}  // namespace plimsoll
