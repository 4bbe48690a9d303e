#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "store/victoria_query.h"
#include "telemetry/json_reader.h"

namespace plimsoll {
namespace {

namespace json = boost::json;

constexpr JsonLimits limits{.bytes_max = 64U << 20, .depth_max = 16};
constexpr std::size_t samples_max = 5'000'000;
constexpr std::size_t why_bytes_max = 300;

Error bad_form(const char* what) {
  return {Errc::malformed,
          fmt::format("the answer is not VictoriaMetrics' ({}); check store.url", what)};
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

const json::value* member(const json::value& value, std::string_view key) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
}

const json::array* array_in(const json::value& value, std::string_view key) {
  const auto* found = member(value, key);
  return found == nullptr ? nullptr : found->if_array();
}

std::string text_in(const json::value& value, std::string_view key) {
  const auto* found = member(value, key);
  const auto* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string{} : std::string{view(*text)};
}

// The labels of a series, taken apart.
struct Labels {
  std::string metric;
  std::string rollup;
  TagMap tags;
  std::map<std::string, std::string> texts;
};

Result<Labels> read_labels(const json::value& series) {
  const auto* metric = member(series, "metric");
  if (metric == nullptr || !metric->is_object()) return bad_form("a series without labels");
  Labels labels;
  labels.metric = text_in(*metric, "__name__");
  labels.rollup = text_in(*metric, "rollup");
  for (const auto& [name, value] : metric->get_object()) {
    const std::string label{name.data(), name.size()};
    const auto* text = value.if_string();
    if (text == nullptr || is_reserved_label(label)) continue;
    labels.tags.emplace(label, std::string{view(*text)});
  }
  if (const auto names = text_in(*metric, "texts"); !names.empty()) {
    for (const auto name : split(names, ',')) {
      auto text = labels.tags.extract(std::string{name});
      labels.texts[std::string{name}] = text.empty() ? std::string{} : std::move(text.mapped());
    }
  }
  return labels;
}

// The field of a metric, or nothing where it belongs to another measurement.
std::optional<std::string> field_of(const std::string& metric, const std::string& measurement) {
  const std::string prefix = metric_name(measurement, "");
  if (!metric.starts_with(prefix)) return std::nullopt;
  return metric.substr(prefix.size());
}

std::optional<double> as_number(const json::value& value) {
  if (const auto* text = value.if_string()) {
    const auto number = parse_number<double>(view(*text));
    return number && std::isfinite(*number) ? number : std::nullopt;
  }
  if (!value.is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value.to_number<double>(error);
  return error ? std::nullopt : std::optional{number};
}

TimePoint from_seconds(double value) {
  constexpr double ms_max = 9e15;
  return storable_time(TimePoint{Duration{std::llround(std::clamp(value * 1000, 0.0, ms_max))}});
}

// A pair of a time in seconds and a value; nothing where the value is no number.
using Sample = std::optional<std::pair<TimePoint, double>>;
Result<Sample> read_sample(const json::value& pair) {
  const auto* both = pair.if_array();
  if (both == nullptr || both->size() != 2) return bad_form("a torn sample");
  const auto time = as_number((*both)[0]);
  if (!time) return bad_form("a sample without its time");
  const auto value = as_number((*both)[1]);
  if (!value) return Sample{};
  return Sample{std::pair{from_seconds(*time), *value}};
}

Result<JsonDocument> parse_success(std::string_view text) {
  auto document = JsonDocument::parse(text, limits);
  if (!document && document.error().code == Errc::malformed) return bad_form("no JSON");
  if (!document) return document;
  if (text_in(document->root(), "status") == "success") return document;
  return Error{Errc::refused, victoria_error_text(text)};
}

Result<const json::array*> read_result(const JsonDocument& document) {
  const auto* data = member(document.root(), "data");
  const auto* result = data == nullptr ? nullptr : array_in(*data, "result");
  if (result == nullptr) return bad_form("no result");
  return result;
}

Result<VictoriaSamples> read_line(std::string_view line, const std::string& measurement) {
  const auto document = JsonDocument::parse(line, limits);
  if (!document) return bad_form("no JSON line");
  auto labels = read_labels(document->root());
  if (!labels) return labels.error();
  const auto* values = array_in(document->root(), "values");
  const auto* times = array_in(document->root(), "timestamps");
  if (values == nullptr || times == nullptr || values->size() != times->size()) {
    return bad_form("values without times");
  }
  VictoriaSamples samples;
  samples.field = field_of(labels->metric, measurement).value_or("");
  samples.tags = std::move(labels->tags);
  samples.texts = std::move(labels->texts);
  samples.values.reserve(values->size());
  for (std::size_t i = 0; i < values->size(); ++i) {
    const auto* time = (*times)[i].if_int64();
    if (time == nullptr) return bad_form("a time is no whole number");
    const auto value = as_number((*values)[i]);
    if (value) samples.values.emplace_back(TimePoint{Duration{*time}}, *value);
  }
  return samples;
}

}  // namespace

std::string victoria_error_text(std::string_view body) {
  const auto document = JsonDocument::parse(body, limits);
  const auto text = document ? text_in(document->root(), "error") : std::string{};
  return printable(text.empty() ? trim(body) : std::string_view{text}, why_bytes_max);
}

Result<VictoriaCatalogue> parse_victoria_catalogue(std::string_view text) {
  const auto document = parse_success(text);
  if (!document) return document.error();
  const auto* entries = array_in(document->root(), "data");
  if (entries == nullptr) return bad_form("no data");
  VictoriaCatalogue catalogue;
  for (const auto& entry : *entries) {
    const auto type = parse_type_word(text_in(entry, "type"));
    const auto measurement = text_in(entry, "measurement");
    const auto field = text_in(entry, "field");
    if (!type || measurement.empty() || field.empty()) continue;  // not ours
    catalogue.learn(measurement, field, *type);
  }
  return catalogue;
}

Result<std::vector<VictoriaSamples>> parse_victoria_export(std::string_view lines,
                                                           const std::string& measurement) {
  std::vector<VictoriaSamples> answer;
  std::size_t count = 0;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    if (trim(line).empty()) continue;
    auto samples = read_line(line, measurement);
    if (!samples) return samples.error();
    count += samples->values.size();
    if (count > samples_max) {
      return Error{Errc::too_large,
                   fmt::format("more than {} samples; ask for a shorter range", samples_max)};
    }
    if (!samples->field.empty()) answer.push_back(std::move(*samples));
  }
  return answer;
}

Result<std::vector<VictoriaLast>> parse_victoria_last(std::string_view text,
                                                      const std::string& measurement) {
  const auto document = parse_success(text);
  if (!document) return document.error();
  const auto result = read_result(*document);
  if (!result) return result.error();
  std::map<TagMap, TimePoint> newest;
  for (const auto& series : **result) {
    auto labels = read_labels(series);
    if (!labels) return labels.error();
    if (field_of(labels->metric, measurement) != info_field) continue;
    const auto* value = member(series, "value");
    if (value == nullptr) return bad_form("no value");
    const auto sample = read_sample(*value);
    if (!sample) return sample.error();
    const Sample& found = *sample;
    if (!found) continue;
    const TimePoint time = from_seconds(found->second);
    auto& known = newest.try_emplace(std::move(labels->tags), time).first->second;
    known = std::max(known, time);
  }
  std::vector<VictoriaLast> answer;
  answer.reserve(newest.size());
  for (const auto& [tags, time] : newest) answer.push_back({tags, time});
  return answer;
}

namespace {

void set_figure(Summary& summary, const std::string& rollup, double value) {
  if (rollup.empty()) {  // the mean, and nothing else
    summary.count = 1;
    summary.sum = value;
  }
  if (rollup == "count_over_time") summary.count = static_cast<std::uint64_t>(std::max(value, 0.0));
  if (rollup == "min_over_time") summary.min = value;
  if (rollup == "max_over_time") summary.max = value;
  if (rollup == "sum_over_time") summary.sum = value;
}

using SummaryTable = std::map<TagMap, std::map<TimePoint, std::vector<Summary>>>;

Result<void> take_figures(const json::value& series, const AggregateQuery& query,
                          SummaryTable& table) {
  const auto labels = read_labels(series);
  if (!labels) return labels.error();
  const auto name = field_of(labels->metric, query.measurement);
  const auto field = std::find(query.fields.begin(), query.fields.end(), name.value_or(""));
  if (field == query.fields.end() || !is_asked_for(labels->tags, query)) return {};
  const auto* values = array_in(series, "values");
  if (values == nullptr) return bad_form("no values");
  for (const auto& pair : *values) {
    const auto sample = read_sample(pair);
    if (!sample) return sample.error();
    const Sample& found = *sample;
    if (!found) continue;
    const TimePoint start = found->first + Duration{1} - query.step;
    auto& fields = table[labels->tags][start];
    fields.resize(query.fields.size());
    for (std::size_t i = 0; i < query.fields.size(); ++i) {
      if (query.fields[i] == *field) set_figure(fields[i], labels->rollup, found->second);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<SummarySeries>> parse_victoria_aggregate(std::string_view text,
                                                            const AggregateQuery& query) {
  const auto document = parse_success(text);
  if (!document) return document.error();
  const auto result = read_result(*document);
  if (!result) return result.error();
  SummaryTable table;
  for (const auto& series : **result) {
    if (auto taken = take_figures(series, query, table); !taken) return taken.error();
  }
  std::vector<SummarySeries> answer;
  for (auto& [tags, rows] : table) {
    auto& series = answer.emplace_back(SummarySeries{tags, {}});
    for (auto& [start, fields] : rows) series.rows.push_back({start, std::move(fields)});
  }
  return answer;
}

}  // namespace plimsoll
