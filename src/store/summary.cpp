#include "store/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "store/point_rules.h"
#include "store/store.h"

namespace plimsoll {
namespace {

constexpr std::int64_t steps_max = 100'000;

std::int64_t ms(TimePoint time) { return time.time_since_epoch().count(); }

std::int64_t count_steps(const AggregateQuery& query) {
  return (query.to - query.from) / query.step;
}

void merge(Summary& into, const Summary& more) {
  into.min = into.count == 0 ? more.min : std::min(into.min, more.min);
  into.max = into.count == 0 ? more.max : std::max(into.max, more.max);
  into.sum += more.sum;
  into.count += more.count;
}

std::optional<std::string> fault(const AggregateQuery& query) {
  if (query.step < Duration{0}) return "a step is at least 1 ms";
  if ((query.to - query.from) % query.step != Duration{0}) {
    return "the range is a multiple of the step";
  }
  if (query.window % query.step != Duration{0}) return "a window is a multiple of the step";
  if (query.window < query.step) return "a window is at least as long as the step";
  if (count_steps(query) > steps_max) {
    return fmt::format("more than {} steps; choose a longer one", steps_max);
  }
  const auto fits = [](double percent) { return percent > 0 && percent <= 100; };
  if (!std::all_of(query.percentiles.begin(), query.percentiles.end(), fits)) {
    return "a percentile is above 0 and at most 100";
  }
  return std::nullopt;
}

}  // namespace

Result<AggregateQuery> check(AggregateQuery query) {
  query.from = storable_time(query.from);
  query.to = std::max(storable_time(query.to), query.from);
  if (query.step == Duration{0}) query.step = std::max(query.to - query.from, Duration{1});
  if (query.window == Duration{0}) query.window = query.step;
  if (auto why = fault(query)) return Error{Errc::invalid, "aggregate: " + *why};
  return query;
}

TimePoint reach_of(const AggregateQuery& query) {
  return storable_time(query.from - (query.window - query.step));
}

Summarizer::Summarizer(const AggregateQuery& query)
    : query_(query),
      from_ms_(ms(query.from)),
      step_ms_(query.step.count()),
      steps_per_window_(query.window / query.step),
      steps_(count_steps(query)) {}

// A value belongs to the windows of its own step and of those that follow.
Summarizer::Steps Summarizer::steps_at(TimePoint time) const {
  if (time < reach_of(query_) || time >= query_.to) return {};
  const std::int64_t past = ms(time) - from_ms_;
  const std::int64_t own = past >= 0 ? past / step_ms_ : (past + 1) / step_ms_ - 1;
  return {std::max<std::int64_t>(own, 0), std::min(own + steps_per_window_, steps_)};
}

std::vector<Summarizer::Cell>& Summarizer::cells_of(std::int64_t step) {
  auto& cells = cells_[step];
  if (cells.empty()) cells.resize(query_.fields.size());
  return cells;
}

void Summarizer::add(TimePoint time, std::size_t field, double value) {
  const Steps steps = steps_at(time);
  for (auto step = steps.first; step < steps.last; ++step) {
    Cell& cell = cells_of(step)[field];
    merge(cell.summary, {1, value, value, value, {}});
    if (!query_.percentiles.empty()) cell.values.push_back(value);
  }
}

void Summarizer::add(TimePoint time, std::size_t field, const Summary& summary) {
  if (summary.count == 0) return;
  const Steps steps = steps_at(time);
  for (auto step = steps.first; step < steps.last; ++step) {
    Cell& cell = cells_of(step)[field];
    merge(cell.summary, summary);
    cell.rolled_up = true;
  }
}

void Summarizer::close(Cell& cell) const {
  std::sort(cell.values.begin(), cell.values.end());
  for (const double percent : query_.percentiles) {
    const bool known = !cell.rolled_up && !cell.values.empty();
    cell.summary.percentiles.push_back(
        known ? std::optional{percentile_of_sorted(cell.values, percent)} : std::nullopt);
  }
}

std::vector<SummaryRow> Summarizer::take() {
  std::vector<SummaryRow> rows;
  rows.reserve(cells_.size());
  for (auto& [step, cells] : cells_) {
    SummaryRow row{query_.from + Duration{step * step_ms_}, {}};
    for (auto& cell : cells) {
      close(cell);
      row.fields.push_back(std::move(cell.summary));
    }
    rows.push_back(std::move(row));
  }
  cells_.clear();
  return rows;
}

double percentile_of_sorted(const std::vector<double>& values, double percent) {
  const double wanted = static_cast<double>(values.size()) * percent / 100;
  const auto rank = static_cast<std::size_t>(std::max(std::ceil(wanted), 1.0));
  return values[std::min(rank, values.size()) - 1];
}

Task<Result<std::vector<SummarySeries>>> Store::aggregate(AggregateQuery query) {
  const auto checked = check(std::move(query));
  if (!checked) co_return checked.error();
  RangeQuery wanted{checked->measurement, checked->fields, checked->tags,
                    reach_of(*checked),   checked->to,     checked->hosts};
  const auto series = co_await range(std::move(wanted));
  if (!series) co_return series.error();
  std::vector<SummarySeries> answer;
  Summarizer summarizer{*checked};
  for (const auto& one : *series) {
    for (const auto& row : one.rows) {
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        if (const auto& value = row.values[i]; value) summarizer.add(row.time, i, *value);
      }
    }
    auto rows = summarizer.take();
    if (!rows.empty()) answer.push_back({one.tags, std::move(rows)});
  }
  co_return answer;
}

Task<Result<StoreUpkeep>> Store::upkeep(TimePoint /*now*/) { co_return StoreUpkeep{}; }

}  // namespace plimsoll
