// InfluxDB's answers, and what it says of batches it does not take.
#include <algorithm>
#include <cmath>

#include "fuzz.h"
#include "store/influx_query.h"
#include "store/influx_refusal.h"

namespace plimsoll::fuzz {
namespace {

template <class T>
bool good(const Result<T>& answer) {
  if (!answer) require_fit_to_print(answer.error().message);
  return answer.has_value();
}

void check_range(std::string_view text) {
  const RangeQuery query{"Device", {"cpu_percent", "vm_percent"}, {}, TimePoint{}, TimePoint{}};
  const auto answer = parse_influx_range(text, query);
  if (!good(answer)) return;
  for (const auto& series : *answer) {
    require(!series.rows.empty(), "a series without a row");
    for (const auto& row : series.rows) {
      require(row.values.size() == query.fields.size(), "a row of another width");
      for (const auto& value : row.values) {
        require(!value || std::isfinite(*value), "a value that is no number");
      }
    }
  }
}

void check_points(std::string_view text) {
  const auto answer = parse_influx_points(text, "Device");
  if (!good(answer)) return;
  for (const auto& point : *answer) {
    require(point.measurement == "Device", "a point of another measurement");
    require(std::ranges::is_sorted(point.tags), "tags out of order");
  }
}

void check_aggregate(std::string_view text) {
  AggregateQuery query;
  query.measurement = "Device";
  query.fields = {"cpu_percent", "vm_percent"};
  query.from = TimePoint{Duration{1'795'348'800'000}};
  query.to = query.from + std::chrono::minutes{1};
  query.step = query.window = Duration{5'000};
  const auto answer = parse_influx_aggregate(text, query, query.fields);
  if (!good(answer)) return;
  for (const auto& series : *answer) {
    for (const auto& row : series.rows) {
      require(row.fields.size() == query.fields.size(), "a row of another width");
    }
  }
}

void check_texts(std::string_view text) {
  static_cast<void>(good(parse_influx_names(text)));
  static_cast<void>(good(parse_influx_types(text)));
  const auto why = influx_error_text(text);
  require(printable(why, why.size()) == why && why.size() < 512, "an error text unfit to print");
  for (const unsigned status : {400U, 413U, 422U, 500U}) {
    const auto partial = parse_influx_partial(status, text);
    if (!partial) continue;
    require_fit_to_print(partial->why);
    for (const auto& fault : partial->faults) require_fit_to_print(fault.why);
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = plimsoll::fuzz::as_text(data, size);
  plimsoll::fuzz::check_range(text);
  plimsoll::fuzz::check_points(text);
  plimsoll::fuzz::check_aggregate(text);
  plimsoll::fuzz::check_texts(text);
  return 0;
}
