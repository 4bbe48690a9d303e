#include "store/influx_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "store/point_rules.h"
#include "telemetry/json_reader.h"

namespace plimsoll {
namespace {

namespace json = boost::json;

constexpr JsonLimits limits{.bytes_max = 64U << 20, .depth_max = 16};
constexpr std::size_t why_bytes_max = 300;

std::string quoted(std::string_view text, char quote) {
  std::string out{quote};
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  return out + quote;
}

std::int64_t ms(TimePoint time) { return storable_time(time).time_since_epoch().count(); }

std::string where_tags(const std::map<std::string, std::string>& tags) {
  std::string conditions;
  for (const auto& [name, value] : tags) {
    conditions += fmt::format(" AND {} = {}", influx_name(name), influx_text(value));
  }
  return conditions;
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

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
  return std::string{view(*text)};
}

Error bad_form(const char* what) {
  return {Errc::malformed, fmt::format("the answer is not InfluxDB's ({}); check store.url", what)};
}

// A series of an answer, its columns found by name.
class Table {
 public:
  explicit Table(const json::value& series) : series_(series) {
    if (const auto* columns = array_at(series, "columns")) {
      for (const auto& column : *columns) {
        const auto* name = column.if_string();
        columns_.emplace_back(name == nullptr ? std::string_view{} : view(*name));
      }
    }
    values_ = array_at(series, "values");
  }

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns_.begin());
  }
  [[nodiscard]] const std::vector<std::string_view>& columns() const { return columns_; }

  [[nodiscard]] std::map<std::string, std::string> tags() const {
    std::map<std::string, std::string> tags;
    const auto* object = series_.as_object().if_contains("tags");
    if (object == nullptr || !object->is_object()) return tags;
    for (const auto& [name, value] : object->get_object()) {
      const auto* text = value.if_string();
      if (text == nullptr || text->empty()) continue;  // the tag is absent here
      tags.emplace(std::string{name.data(), name.size()}, std::string{view(*text)});
    }
    return tags;
  }

  /// Calls `read(row)` with each row that has a value for each column.
  template <class Read>
  [[nodiscard]] Result<void> rows(Read read) const {
    if (values_ == nullptr) return {};  // an empty list has none
    for (const auto& row : *values_) {
      const auto* cells = row.if_array();
      if (cells == nullptr || cells->size() != columns_.size()) return bad_form("a torn row");
      if (auto done = read(*cells); !done) return done;
    }
    return {};
  }

 private:
  const json::value& series_;
  std::vector<std::string_view> columns_;
  const json::array* values_ = nullptr;
};

// The tables of each statement of a query.
Result<std::vector<std::vector<Table>>> parse_tables(const JsonDocument& document) {
  if (auto error = text_at(document.root(), "error")) {
    return Error{Errc::refused, printable(*error)};
  }
  const auto* results = array_at(document.root(), "results");
  if (results == nullptr) return bad_form("no results");
  std::vector<std::vector<Table>> statements;
  for (const auto& result : *results) {
    if (auto error = text_at(result, "error")) return Error{Errc::refused, printable(*error)};
    auto& tables = statements.emplace_back();
    const auto* series = array_at(result, "series");
    if (series == nullptr) continue;
    for (const auto& one : *series) {
      if (!one.is_object()) return bad_form("a series is no object");
      tables.emplace_back(one);
    }
  }
  return statements;
}

Result<JsonDocument> parse_document(std::string_view text) {
  auto document = JsonDocument::parse(text, limits);
  if (!document && document.error().code == Errc::malformed) return bad_form("no JSON");
  return document;
}

Result<TimePoint> read_time(const json::array& cells, std::optional<std::size_t> column) {
  if (!column) return bad_form("no column 'time'");
  const auto* time = cells[*column].if_int64();
  if (time == nullptr) return bad_form("a time is no whole number");
  return TimePoint{Duration{*time}};
}

std::optional<double> as_number(const json::value& cell) {
  if (const auto* truth = cell.if_bool()) return *truth ? 1.0 : 0.0;
  if (!cell.is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = cell.to_number<double>(error);
  return error ? std::nullopt : std::optional{number};
}

std::optional<FieldValue> as_field(const json::value& cell, std::string_view type) {
  if (const auto* text = cell.if_string()) return FieldValue{std::string{view(*text)}};
  if (const auto* truth = cell.if_bool()) return FieldValue{*truth};
  const auto* whole = cell.if_int64();
  if (type == "integer" && whole != nullptr) return FieldValue{*whole};
  const auto number = as_number(cell);
  return number ? std::optional{FieldValue{*number}} : std::nullopt;
}

Result<Series> read_series(const Table& table, const std::vector<std::string>& fields) {
  Series series{table.tags(), {}};
  const auto time_column = table.column("time");
  std::vector<std::optional<std::size_t>> columns;
  columns.reserve(fields.size());
  for (const auto& field : fields) columns.push_back(table.column(field));
  auto read = table.rows([&](const json::array& cells) -> Result<void> {
    const auto time = read_time(cells, time_column);
    if (!time) return time.error();
    Row row{*time, {}};
    bool any = false;
    for (const auto& column : columns) {
      row.values.push_back(column ? as_number(cells[*column]) : std::nullopt);
      any = any || row.values.back().has_value();
    }
    if (any) series.rows.push_back(std::move(row));
    return {};
  });
  if (!read) return read.error();
  return series;
}

using FieldTypes = std::map<std::string_view, std::string_view>;

Result<FieldTypes> read_types(const std::vector<Table>& tables) {
  FieldTypes types;
  for (const auto& table : tables) {
    auto read = table.rows([&](const json::array& cells) -> Result<void> {
      if (cells.size() != 2 || !cells[0].is_string() || !cells[1].is_string()) {
        return bad_form("field keys");
      }
      types.emplace(view(cells[0].get_string()), view(cells[1].get_string()));
      return {};
    });
    if (!read) return read.error();
  }
  return types;
}

Result<Point> read_point(const Table& table, const json::array& cells, const FieldTypes& types,
                         const std::string& measurement) {
  const auto time = read_time(cells, table.column("time"));
  if (!time) return time.error();
  const auto tags = table.tags();
  Point point{measurement, {tags.begin(), tags.end()}, {}, *time};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto name = table.columns()[i];
    const auto type = types.find(name);
    if (name == "time" || type == types.end()) continue;
    if (auto value = as_field(cells[i], type->second)) {
      point.fields.emplace_back(std::string{name}, std::move(*value));
    }
  }
  std::sort(point.fields.begin(), point.fields.end());
  return point;
}

}  // namespace

std::string influx_name(std::string_view name) { return quoted(name, '"'); }
std::string influx_text(std::string_view text) { return quoted(text, '\''); }

std::string influx_range_query(const RangeQuery& query) {
  std::string fields;
  for (const auto& field : query.fields) {
    fields += (fields.empty() ? "" : ", ") + influx_name(field);
  }
  return fmt::format(
      "SELECT {} FROM {} WHERE time >= {}ms AND time < {}ms{} GROUP BY * ORDER BY "
      "time",
      fields, influx_name(query.measurement), ms(query.from), ms(query.to), where_tags(query.tags));
}

std::string influx_latest_query(const LatestQuery& query) {
  const auto measurement = influx_name(query.measurement);
  return fmt::format(
      "SHOW FIELD KEYS FROM {0}; SELECT * FROM {0} WHERE time >= {1}ms{2} GROUP BY "
      "* ORDER BY time DESC LIMIT 1",
      measurement, ms(query.since), where_tags(query.tags));
}

Result<std::vector<Series>> parse_influx_range(std::string_view json, const RangeQuery& query) {
  const auto document = parse_document(json);
  if (!document) return document.error();
  const auto statements = parse_tables(*document);
  if (!statements) return statements.error();
  if (statements->size() != 1) return bad_form("not one result");
  std::vector<Series> answer;
  for (const auto& table : statements->front()) {
    auto series = read_series(table, query.fields);
    if (!series) return series.error();
    if (!series->rows.empty()) answer.push_back(std::move(*series));
  }
  std::sort(answer.begin(), answer.end(),
            [](const Series& a, const Series& b) { return a.tags < b.tags; });
  return answer;
}

Result<std::vector<Point>> parse_influx_latest(std::string_view json, const LatestQuery& query) {
  const auto document = parse_document(json);
  if (!document) return document.error();
  const auto statements = parse_tables(*document);
  if (!statements) return statements.error();
  if (statements->size() != 2) return bad_form("not two results");
  const auto types = read_types((*statements)[0]);
  if (!types) return types.error();
  std::vector<Point> points;
  for (const auto& table : (*statements)[1]) {
    auto read = table.rows([&](const boost::json::array& cells) -> Result<void> {
      auto point = read_point(table, cells, *types, query.measurement);
      if (!point) return point.error();
      points.push_back(std::move(*point));
      return {};
    });
    if (!read) return read.error();
  }
  std::sort(points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.tags < b.tags; });
  return points;
}

Result<std::vector<std::string>> parse_influx_names(std::string_view json) {
  const auto document = parse_document(json);
  if (!document) return document.error();
  const auto statements = parse_tables(*document);
  if (!statements) return statements.error();
  std::vector<std::string> names;
  for (const auto& tables : *statements) {
    for (const auto& table : tables) {
      auto read = table.rows([&](const boost::json::array& cells) -> Result<void> {
        if (cells.empty() || !cells[0].is_string()) return bad_form("a name is no text");
        names.emplace_back(view(cells[0].get_string()));
        return {};
      });
      if (!read) return read.error();
    }
  }
  return names;
}

std::string influx_error_text(std::string_view body) {
  const auto document = JsonDocument::parse(body, limits);
  std::optional<std::string> text;
  if (document) {
    text = text_at(document->root(), "error");
    if (!text) text = text_at(document->root(), "message");
  }
  return printable(trim(text ? *text : body), why_bytes_max);
}

std::optional<InfluxPartial> parse_influx_partial(unsigned status, std::string_view body) {
  if (status == 413) return InfluxPartial{"larger than InfluxDB's limit", std::nullopt};
  if (status != 400 && status != 422) return std::nullopt;
  const auto document = JsonDocument::parse(body, limits);
  auto text = document ? text_at(document->root(), "error") : std::nullopt;
  if (document && !text) text = text_at(document->root(), "message");
  if (!text) return std::nullopt;
  const bool about_points = text->find("partial write") != std::string::npos ||
                            text->find("unable to parse") != std::string::npos ||
                            text->find("field type conflict") != std::string::npos;
  if (!about_points) return std::nullopt;
  InfluxPartial partial{printable(*text, why_bytes_max), std::nullopt};
  if (const auto at = text->rfind("dropped="); at != std::string::npos) {
    partial.dropped = parse_number<std::size_t>(trim(std::string_view{*text}.substr(at + 8)));
  }
  // Lines that could not be read are not counted as dropped.
  if (partial.dropped == 0U) partial.dropped.reset();
  return partial;
}

}  // namespace plimsoll
