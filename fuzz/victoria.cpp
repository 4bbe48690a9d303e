// VictoriaMetrics' answers.
#include "fuzz.h"
#include "store/victoria_query.h"

namespace plimsoll::fuzz {
namespace {

template <class T>
bool good(const Result<T>& answer) {
  if (!answer) require_fit_to_print(answer.error().message);
  return answer.has_value();
}

void check_export(std::string_view text) {
  const auto samples = parse_victoria_export(text, "Device");
  if (!good(samples)) return;
  const TimePoint from{Duration{1'795'348'800'000}};
  const TimePoint to = from + std::chrono::hours{1};
  for (const auto& series : rows_of(*samples, {"Device", {"cpu_percent"}, {}, from, to})) {
    require(!series.rows.empty(), "a series without a row");
    for (const auto& row : series.rows) {
      require(row.time >= from && row.time < to, "a row outside of the range");
      require(row.values.size() == 1, "a row of another width");
    }
  }
  const std::map<std::string, FieldType> types{{"cpu_percent", FieldType::number},
                                               {"up", FieldType::truth},
                                               {"network_drop", FieldType::integer}};
  for (const auto& point : points_of_samples(*samples, types, {"Device", {}, from, to})) {
    require(point.time >= from && point.time < to, "a point outside of the range");
    require(!point.fields.empty(), "a point without a field");
  }
}

void check_aggregate(std::string_view text) {
  AggregateQuery query;
  query.measurement = "Device";
  query.fields = {"cpu_percent", "vm_percent"};
  query.from = TimePoint{Duration{1'795'348'800'000}};
  query.to = query.from + std::chrono::minutes{1};
  query.step = query.window = Duration{5'000};
  query.percentiles = {66};
  const auto answer = parse_victoria_aggregate(text, query);
  if (!good(answer)) return;
  for (const auto& series : *answer) {
    for (const auto& row : series.rows) {
      require(row.fields.size() == query.fields.size(), "a row of another width");
    }
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::fuzz;
  const auto text = as_text(data, size);
  check_export(text);
  check_aggregate(text);
  static_cast<void>(good(plimsoll::parse_victoria_catalogue(text)));
  static_cast<void>(good(plimsoll::parse_victoria_last(text, "Device")));
  const auto why = plimsoll::victoria_error_text(text);
  require(plimsoll::printable(why, why.size()) == why && why.size() < 1024, "an error text");
  return 0;
}
