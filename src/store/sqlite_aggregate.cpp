#include "store/sqlite_aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "store/point_rules.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_rollup.h"

namespace plimsoll {
namespace {

// Rows are read in C++ rather than summed up in SQL: at a few dozen rows a series, an aggregate
// function for each figure of each field costs more than the reading (tried: 500 series of 60
// rows).
class AggregateReader {
 public:
  AggregateReader(SqliteDb& db, const AggregateQuery& query)
      : db_(db), query_(query), summarizer_(query) {}

  Result<void> prepare(const std::vector<SqliteColumn>& columns);
  Result<std::vector<SummaryRow>> read(std::int64_t series);

 private:
  Result<void> prepare_raw(const std::vector<SqliteColumn>& columns, std::int64_t from);
  Result<void> prepare_rollups(std::int64_t from, std::int64_t to);
  Result<bool> next(SqliteStatement& rows);
  void take_raw(const SqliteStatement& row);
  void take_rollup(const SqliteStatement& row);

  SqliteDb& db_;
  const AggregateQuery& query_;
  Summarizer summarizer_;
  std::optional<SqliteStatement> raw_;
  std::optional<SqliteStatement> rollups_;
  std::size_t rows_ = 0;
};

TimePoint to_time(std::int64_t ms) { return TimePoint{Duration{ms}}; }
std::int64_t to_ms(TimePoint time) { return time.time_since_epoch().count(); }

Result<void> AggregateReader::prepare(const std::vector<SqliteColumn>& columns) {
  const auto marks = marks_of(db_, query_.measurement);
  if (!marks) return marks.error();
  const std::int64_t from = to_ms(reach_of(query_));
  const std::int64_t to = to_ms(query_.to);
  if (marks->raw_from > from) {
    if (auto done = prepare_rollups(from, std::min(to, marks->raw_from)); !done) return done;
  }
  return prepare_raw(columns, std::max(from, marks->raw_from));
}

Result<void> AggregateReader::prepare_raw(const std::vector<SqliteColumn>& columns,
                                          std::int64_t from) {
  std::string fields;
  for (const auto& field : query_.fields) fields += ", " + selected(columns, field);
  auto prepared = db_.prepare(
      fmt::format("SELECT time{} FROM {} WHERE series = ?1 AND time >= ?2 AND time < ?3", fields,
                  sql_name(query_.measurement)));
  if (!prepared) return prepared.error();
  raw_.emplace(std::move(*prepared));
  raw_->bind(2, from);
  raw_->bind(3, to_ms(query_.to));
  return {};
}

Result<void> AggregateReader::prepare_rollups(std::int64_t from, std::int64_t to) {
  const auto there = has_rollup(db_, query_.measurement);
  if (!there) return there.error();
  if (!*there) return {};
  auto prepared = prepare_rollup_read(db_, query_.measurement, query_.fields);
  if (!prepared) return prepared.error();
  rollups_.emplace(std::move(*prepared));
  rollups_->bind(2, from);
  rollups_->bind(3, to);
  return {};
}

Result<bool> AggregateReader::next(SqliteStatement& rows) {
  const auto row = rows.step();
  if (!row) return row.error();
  if (!*row) {
    rows.reset();
    return false;
  }
  if (++rows_ <= sqlite_rows_max) return true;
  rows.reset();
  return Error{Errc::too_large,
               fmt::format("more than {} rows; ask for a shorter range", sqlite_rows_max)};
}

void AggregateReader::take_raw(const SqliteStatement& row) {
  const TimePoint time = to_time(row.integer(0));
  for (std::size_t i = 0; i < query_.fields.size(); ++i) {
    const int column = static_cast<int>(i) + 1;
    if (!row.is_null(column)) summarizer_.add(time, i, row.number(column));
  }
}

void AggregateReader::take_rollup(const SqliteStatement& row) {
  const TimePoint time = to_time(row.integer(0));
  for (std::size_t i = 0; i < query_.fields.size(); ++i) {
    const int column = 4 * static_cast<int>(i) + 1;
    if (row.is_null(column)) continue;
    Summary summary;
    summary.min = row.number(column);
    summary.max = row.number(column + 1);
    summary.sum = row.number(column + 2);
    summary.count = static_cast<std::uint64_t>(row.integer(column + 3));
    summarizer_.add(time, i, summary);
  }
}

Result<std::vector<SummaryRow>> AggregateReader::read(std::int64_t series) {
  const auto each = [&](SqliteStatement& rows, auto take) -> Result<void> {
    rows.bind(1, series);
    for (;;) {
      const auto more = next(rows);
      if (!more) return more.error();
      if (!*more) return {};
      take(rows);
    }
  };
  if (rollups_) {
    auto done = each(*rollups_, [&](const auto& row) { take_rollup(row); });
    if (!done) return done.error();
  }
  if (raw_) {
    auto done = each(*raw_, [&](const auto& row) { take_raw(row); });
    if (!done) return done.error();
  }
  return summarizer_.take();
}

}  // namespace

Result<std::vector<SummarySeries>> read_aggregate(SqliteDb& db, const AggregateQuery& query) {
  std::vector<SummarySeries> answer;
  auto snapshot = SqliteTransaction::begin(db, SqliteTransaction::Kind::deferred);
  if (!snapshot) return snapshot.error();
  if (!is_measurement_name(query.measurement)) return answer;
  const auto columns = columns_of(db, query.measurement);
  if (!columns) return columns.error();
  if (columns->empty() || query.fields.empty()) return answer;
  auto found = find_series(db, query, reach_of(query));
  if (!found) return found.error();
  AggregateReader reader{db, query};
  if (auto prepared = reader.prepare(*columns); !prepared) return prepared.error();
  for (auto& series : *found) {
    auto rows = reader.read(series.id);
    if (!rows) return rows.error();
    if (!rows->empty()) answer.push_back({std::move(series.tags), std::move(*rows)});
  }
  return answer;
}

}  // namespace plimsoll
