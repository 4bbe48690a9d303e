#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/asio.h"
#include "store/summary.h"
#include "telemetry/point.h"

namespace plimsoll {

/// What became of a batch.
struct WriteReport {
  std::size_t written = 0;
  std::size_t rejected = 0;           ///< Points the store will never take, dropped.
  std::vector<std::string> problems;  ///< Why, at most ten, with the start of the point's line.
  /// Positions in the batch of the points that were dropped, in ascending order. May name fewer
  /// than `rejected`: InfluxDB tells how many more there were, not which.
  std::vector<std::size_t> refused;
};

/// The rows of a measurement in [from, to), by series.
struct RangeQuery {
  std::string measurement;
  std::vector<std::string> fields;          ///< Numeric ones; a truth reads as 0 or 1.
  std::map<std::string, std::string> tags;  ///< Only series that carry all of these.
  TimePoint from;
  TimePoint to;
  std::set<std::string> hosts = {};  ///< Only series with one of these as tag `host`. Empty: any.
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
  /// What is wanted of it. Empty: all fields. A series whose newest point has none of them is left
  /// out, or gives an older one that has: which of the two differs between back ends.
  std::vector<std::string> fields = {};
  std::set<std::string> hosts = {};  ///< As RangeQuery::hosts.
};

/// Whole points of a measurement in [from, to), with every field and its type.
struct PointsQuery {
  std::string measurement;
  std::map<std::string, std::string> tags;
  TimePoint from;
  TimePoint to;
  std::set<std::string> hosts = {};  ///< As RangeQuery::hosts.
};

/// What a back end cannot do as the others do. The defaults are what SQLite does.
struct StoreTraits {
  /// Of a point written twice with the same time and tags the later fields are read. False: one of
  /// the two values is read, and it is not known which.
  bool replaces = true;
  /// Significant decimal digits of a number with a fraction that come back.
  int fraction_digits = 17;
  /// Whole numbers up to this come back exactly, larger ones as the nearest it can hold.
  std::int64_t integer_max_exact = INT64_MAX;
  /// The longest text of a field; a point with a longer one is rejected.
  std::size_t text_bytes_max = 64U << 10;
  /// False: a point that the store drops by a rule of its own (older than its retention) counts as
  /// written, since it does not say.
  bool reports_all_drops = true;
  /// How long after a write its points are sure to be read.
  Duration visible_after{0};

  friend bool operator==(const StoreTraits&, const StoreTraits&) = default;
};

/// What Store::upkeep did.
struct StoreUpkeep {
  std::uint64_t rolled_up = 0;     ///< One-minute rows made or made anew.
  std::uint64_t deleted = 0;       ///< Points and one-minute rows.
  std::vector<std::string> notes;  ///< For the log; each thing is told once.
};

/// Where telemetry is kept. The same calls give the same answers on every back end, but for what
/// its traits say; a conformance suite holds them to it.
///
/// Errors: unreachable, timeout - the store is away, try again later; io - the disk of an embedded
///         store is full or fails, likewise; unauthorized - credentials; not_found - the database
///         is not there and has to be made by hand; refused - the store says no to all of it;
///         malformed - an answer or a file that is not the store's; too_large - the answer would be
///         too long, ask for a shorter range or fewer hosts; invalid - the query makes no sense,
///         see check().
/// Thread: used from one executor; calls may overlap.
class Store {
 public:
  virtual ~Store() = default;

  /// Makes what is missing (file, tables, database). Called once, before anything else; may be
  /// called again after a failure.
  [[nodiscard]] virtual Task<Result<void>> open() = 0;
  /// A point with the time and tags of an older one replaces its fields. The first type of a field
  /// holds: a point that has another one is rejected.
  [[nodiscard]] virtual Task<Result<WriteReport>> write(std::vector<Point> points) = 0;
  [[nodiscard]] virtual Task<Result<std::vector<Series>>> range(RangeQuery query) = 0;
  [[nodiscard]] virtual Task<Result<std::vector<Point>>> latest(LatestQuery query) = 0;
  /// Count, least, greatest and mean of each field in steps of time, and percentiles where asked
  /// for: moving averages and what charts show. Computed where the points are, as far as the store
  /// knows how; else from rows.
  [[nodiscard]] virtual Task<Result<std::vector<SummarySeries>>> aggregate(AggregateQuery query);
  /// In the order of their times, then of their tags. Bounded to 20,000: too_large beyond.
  [[nodiscard]] virtual Task<Result<std::vector<Point>>> points(PointsQuery query) = 0;
  /// The names of all measurements that hold points, in their order.
  [[nodiscard]] virtual Task<Result<std::vector<std::string>>> measurements() = 0;
  /// What has to be done now and then: roll-ups, forgetting. To be called every minute or so by the
  /// one who writes. Servers look after themselves.
  [[nodiscard]] virtual Task<Result<StoreUpkeep>> upkeep(TimePoint now);

  [[nodiscard]] virtual StoreTraits traits() const { return {}; }
  /// For people: "sqlite data/telemetry.db", "influxdb http://127.0.0.1:8086 telemetrydata".
  [[nodiscard]] virtual std::string describe() const = 0;
};

/// The bound of Store::points.
inline constexpr std::size_t points_answer_max = 20'000;

}  // namespace plimsoll
