#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace plimsoll {

/// Figures of a measurement in [from, to), by series and step of time.
///
/// The range is cut into steps from its beginning. Row k tells of the `window` that ends where step
/// k does: with the window as long as the step, of that step alone (a chart); with a longer one, a
/// moving average; with a step as long as the range, one row a series.
struct AggregateQuery {
  std::string measurement;
  std::vector<std::string> fields;          ///< Numeric ones; a truth counts as 0 or 1.
  std::map<std::string, std::string> tags;  ///< Only series that carry all of these.
  TimePoint from;
  TimePoint to;
  Duration step{0};                  ///< The range is a multiple of it. Zero: it is one step.
  Duration window{0};                ///< Zero: as long as the step. Else a multiple of it.
  std::vector<double> percentiles;   ///< In percent, above 0, at most 100.
  std::set<std::string> hosts = {};  ///< As RangeQuery::hosts.
  /// Only Summary::mean() is asked for: a store may leave out the least and greatest value and say
  /// a wrong count above zero.
  bool means_only = false;
};

/// What there is to say of a field's values in a window.
struct Summary {
  std::uint64_t count = 0;  ///< Zero: nothing is known, the figures mean nothing.
  double min = 0;
  double max = 0;
  double sum = 0;
  /// In the order of AggregateQuery::percentiles: the least value that so many percent of the
  /// values do not pass (nearest rank). Nothing where only roll-ups are left of the window.
  std::vector<std::optional<double>> percentiles;

  [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
  friend bool operator==(const Summary&, const Summary&) = default;
};

struct SummaryRow {
  TimePoint start;              ///< Of the step.
  std::vector<Summary> fields;  ///< In the order of AggregateQuery::fields; one has a value.
  friend bool operator==(const SummaryRow&, const SummaryRow&) = default;
};

struct SummarySeries {
  std::map<std::string, std::string> tags;
  std::vector<SummaryRow> rows;  ///< Oldest first; steps without a value are left out.
};

/// The same query with step and window spelled out.
/// Errors: invalid - a step or window that does not fit the range, more than 100,000 steps, a
/// percentile outside its bounds.
[[nodiscard]] Result<AggregateQuery> check(AggregateQuery query);

/// The first moment that a checked query looks at: its first window begins before its first step.
[[nodiscard]] TimePoint reach_of(const AggregateQuery& query);

/// Takes one series' values and gives its rows. Requires: a checked query that outlives it.
class Summarizer {
 public:
  explicit Summarizer(const AggregateQuery& query);

  /// In any order; what lies outside of all windows is passed over.
  void add(TimePoint time, std::size_t field, double value);
  /// Values that are known by their summary only; `time` is where they begin.
  void add(TimePoint time, std::size_t field, const Summary& summary);
  /// The rows, and nothing is left for a next series.
  [[nodiscard]] std::vector<SummaryRow> take();

 private:
  struct Cell {
    Summary summary;
    std::vector<double> values;  // kept for percentiles only
    bool rolled_up = false;
  };
  struct Steps {
    std::int64_t first = 0;
    std::int64_t last = 0;  // not among them
  };
  [[nodiscard]] Steps steps_at(TimePoint time) const;
  [[nodiscard]] std::vector<Cell>& cells_of(std::int64_t step);
  void close(Cell& cell) const;

  const AggregateQuery& query_;
  std::int64_t from_ms_;
  std::int64_t step_ms_;
  std::int64_t steps_per_window_;
  std::int64_t steps_;
  std::map<std::int64_t, std::vector<Cell>> cells_;  // by step
};

/// The percentile of values in ascending order, by nearest rank. Requires: there is one.
[[nodiscard]] double percentile_of_sorted(const std::vector<double>& values, double percent);

}  // namespace plimsoll
