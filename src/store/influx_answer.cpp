#include "store/influx_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace plimsoll {

namespace json = boost::json;

namespace {

/// InfluxDB's max-row-limit: it leaves out rows and says so.
bool is_cut(const json::value& value) {
  const auto* object = value.if_object();
  const auto* partial = object == nullptr ? nullptr : object->if_contains("partial");
  return partial != nullptr && partial->is_bool() && partial->get_bool();
}

Error cut_short() {
  return {Errc::too_large,
          "InfluxDB left out rows; ask for a shorter range, or raise max-row-limit in its [http]"};
}

Error its_own_words(std::string_view words) {
  return {Errc::refused, words.empty() ? "InfluxDB gives no reason" : printable(words)};
}

}  // namespace

Error not_influx_form(const char* what) {
  return {Errc::malformed, fmt::format("the answer is not InfluxDB's ({}); check store.url", what)};
}

const json::array* array_at(const json::value& value, std::string_view key) {
  const auto* object = value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
  return found == nullptr ? nullptr : found->if_array();
}

std::optional<std::string> text_at(const json::value& value, std::string_view key) {
  const auto* object = value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
  const auto* text = found == nullptr ? nullptr : found->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string{view_of(*text)};
}

InfluxTable::InfluxTable(const json::value& series) : series_(series) {
  if (const auto* columns = array_at(series, "columns")) {
    for (const auto& one : *columns) {
      const auto* name = one.if_string();
      columns_.emplace_back(name == nullptr ? std::string_view{} : view_of(*name));
    }
  }
  values_ = array_at(series, "values");
}

std::optional<std::size_t> InfluxTable::column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

std::map<std::string, std::string> InfluxTable::tags() const {
  std::map<std::string, std::string> tags;
  const auto* object = series_.as_object().if_contains("tags");
  if (object == nullptr || !object->is_object()) return tags;
  for (const auto& [name, value] : object->get_object()) {
    const auto* text = value.if_string();
    if (text == nullptr || text->empty()) continue;  // the tag is absent here
    tags.emplace(std::string{name.data(), name.size()}, std::string{view_of(*text)});
  }
  return tags;
}

Result<InfluxAnswer> InfluxAnswer::parse(std::string_view text) {
  auto document = JsonDocument::parse(text, influx_json_limits);
  if (!document && document.error().code == Errc::malformed) return not_influx_form("no JSON");
  if (!document) return document.error();
  InfluxAnswer answer{std::move(*document)};
  const json::value& root = answer.document_.root();
  if (auto error = text_at(root, "error")) return its_own_words(*error);
  const auto* results = array_at(root, "results");
  if (results == nullptr) return not_influx_form("no results");
  for (const auto& result : *results) {
    if (auto error = text_at(result, "error")) return its_own_words(*error);
    if (is_cut(result)) return cut_short();
    auto& tables = answer.statements_.emplace_back();
    const auto* series = array_at(result, "series");
    if (series == nullptr) continue;
    for (const auto& one : *series) {
      if (!one.is_object()) return not_influx_form("a series is no object");
      if (is_cut(one)) return cut_short();
      tables.emplace_back(one);
    }
  }
  return answer;
}

Result<TimePoint> time_in(const json::array& cells, std::optional<std::size_t> column) {
  if (!column) return not_influx_form("no column 'time'");
  const auto* time = cells[*column].if_int64();
  if (time == nullptr) return not_influx_form("a time is no whole number");
  return TimePoint{Duration{*time}};
}

std::optional<double> number_in(const json::value& cell) {
  if (const auto* truth = cell.if_bool()) return *truth ? 1.0 : 0.0;
  if (!cell.is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = cell.to_number<double>(error);
  return error ? std::nullopt : std::optional{number};
}

}  // namespace plimsoll
