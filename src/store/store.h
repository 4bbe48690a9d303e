#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/asio.h"
#include "telemetry/point.h"

namespace plimsoll {

/// What became of a batch.
struct WriteReport {
  std::size_t written = 0;
  std::size_t rejected = 0;           ///< Points the store will never take, dropped.
  std::vector<std::string> problems;  ///< Why, at most ten.
};

/// The rows of a measurement in [from, to), by series.
struct RangeQuery {
  std::string measurement;
  std::vector<std::string> fields;          ///< Numeric ones; a truth reads as 0 or 1.
  std::map<std::string, std::string> tags;  ///< Only series that carry all of these.
  TimePoint from;
  TimePoint to;
};

struct Row {
  TimePoint time;
  std::vector<std::optional<double>> values;  ///< In the order of RangeQuery::fields.
  friend bool operator==(const Row&, const Row&) = default;
};

struct Series {
  std::map<std::string, std::string> tags;
  std::vector<Row> rows;  ///< Oldest first.
};

/// The newest point of each series of a measurement that is not older than `since`.
struct LatestQuery {
  std::string measurement;
  std::map<std::string, std::string> tags;
  TimePoint since;
};

/// Where telemetry is kept. The same calls give the same answers on every back end; a conformance
/// suite holds them to it.
///
/// Errors: unreachable, timeout - the store is away, try again later; io - the disk of an embedded
///         store is full or fails, likewise; unauthorized - credentials; refused - the store says
///         no to all of it; malformed - an answer or a file that is not the store's; too_large -
///         the answer would be too long, ask for a shorter range.
/// Thread: used from one executor; calls may overlap.
class Store {
 public:
  virtual ~Store() = default;

  /// Makes what is missing (file, tables, database). Called once, before anything else; may be
  /// called again after a failure.
  [[nodiscard]] virtual Task<Result<void>> open() = 0;
  /// A point with the time and tags of an older one replaces its fields.
  [[nodiscard]] virtual Task<Result<WriteReport>> write(std::vector<Point> points) = 0;
  [[nodiscard]] virtual Task<Result<std::vector<Series>>> range(RangeQuery query) = 0;
  [[nodiscard]] virtual Task<Result<std::vector<Point>>> latest(LatestQuery query) = 0;
  /// For people: "sqlite data/telemetry.db", "influxdb http://127.0.0.1:8086 telemetrydata".
  [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace plimsoll
