#include "store/influx_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/influx_answer.h"

namespace plimsoll {
namespace {

namespace json = boost::json;

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

template <class Query>
std::string where(TimePoint from, std::optional<TimePoint> to, const Query& query) {
  std::string conditions = fmt::format(" WHERE time >= {}ms", ms(from));
  if (to) conditions += fmt::format(" AND time < {}ms", ms(*to));
  for (const auto& [name, value] : query.tags) {
    conditions += fmt::format(" AND {} = {}", influx_name(name), influx_text(value));
  }
  if (!query.hosts.empty()) {
    conditions += fmt::format(" AND \"host\" =~ /^({})$/", hosts_pattern(query.hosts));
  }
  return conditions;
}

std::string names_of(const std::vector<std::string>& fields) {
  std::string names;
  for (const auto& field : fields) names += (names.empty() ? "" : ", ") + influx_name(field);
  return names;
}

std::optional<FieldValue> as_field(const json::value& cell, FieldType type) {
  if (const auto* text = cell.if_string()) return FieldValue{std::string{view_of(*text)}};
  if (const auto* truth = cell.if_bool()) return FieldValue{*truth};
  const auto* whole = cell.if_int64();
  if (type == FieldType::integer && whole != nullptr) return FieldValue{*whole};
  const auto number = number_in(cell);
  return number ? std::optional{FieldValue{*number}} : std::nullopt;
}

Result<Series> read_series(const InfluxTable& table, const std::vector<std::string>& fields) {
  Series series{table.tags(), {}};
  const auto time_column = table.column("time");
  std::vector<std::optional<std::size_t>> columns;
  columns.reserve(fields.size());
  for (const auto& field : fields) columns.push_back(table.column(field));
  auto read = table.rows([&](const json::array& cells) -> Result<void> {
    const auto time = time_in(cells, time_column);
    if (!time) return time.error();
    Row row{*time, {}};
    bool any = false;
    for (const auto& column : columns) {
      row.values.push_back(column ? number_in(cells[*column]) : std::nullopt);
      any = any || row.values.back().has_value();
    }
    if (any) series.rows.push_back(std::move(row));
    return {};
  });
  if (!read) return read.error();
  return series;
}

using FieldTypes = std::map<std::string, FieldType>;

FieldType type_named(std::string_view name) {
  if (name == "integer") return FieldType::integer;
  if (name == "boolean") return FieldType::truth;
  return name == "string" ? FieldType::text : FieldType::number;
}

Result<FieldTypes> read_types(const std::vector<InfluxTable>& tables) {
  FieldTypes types;
  for (const auto& table : tables) {
    auto read = table.rows([&](const json::array& cells) -> Result<void> {
      if (cells.size() != 2 || !cells[0].is_string() || !cells[1].is_string()) {
        return not_influx_form("field keys");
      }
      types.emplace(view_of(cells[0].get_string()), type_named(view_of(cells[1].get_string())));
      return {};
    });
    if (!read) return read.error();
  }
  return types;
}

Result<Point> read_point(const InfluxTable& table, const json::array& cells,
                         const FieldTypes& types, const std::string& measurement) {
  const auto time = time_in(cells, table.column("time"));
  if (!time) return time.error();
  const auto tags = table.tags();
  Point point{measurement, {tags.begin(), tags.end()}, {}, *time};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string name{table.columns()[i]};
    const auto type = types.find(name);
    if (name == "time" || type == types.end()) continue;
    if (auto value = as_field(cells[i], type->second)) {
      point.fields.emplace_back(name, std::move(*value));
    }
  }
  std::sort(point.fields.begin(), point.fields.end());
  return point;
}

// The columns of a field's figures.
struct FigureColumns {
  std::optional<std::size_t> count, min, max, mean;
};

std::vector<FigureColumns> figure_columns(const InfluxTable& table, std::size_t fields) {
  std::vector<FigureColumns> columns;
  for (std::size_t i = 0; i < fields; ++i) {
    const auto column = [&](const char* figure) {
      return table.column(fmt::format("{}{}", figure, i));
    };
    columns.push_back({column("count"), column("min"), column("max"), column("mean")});
  }
  return columns;
}

Summary read_summary(const json::array& cells, const FigureColumns& columns) {
  const auto number = [&](std::optional<std::size_t> column) {
    return column ? number_in(cells[*column]).value_or(0) : 0;
  };
  Summary summary;
  summary.count = static_cast<std::uint64_t>(std::max(number(columns.count), 0.0));
  summary.min = number(columns.min);
  summary.max = number(columns.max);
  summary.sum = number(columns.mean) * static_cast<double>(summary.count);
  return summary;
}

}  // namespace

std::string influx_name(std::string_view name) { return quoted(name, '"'); }
std::string influx_text(std::string_view text) { return quoted(text, '\''); }

std::string influx_range_query(const RangeQuery& query) {
  return fmt::format("SELECT {} FROM {}{} GROUP BY * ORDER BY time", names_of(query.fields),
                     influx_name(query.measurement), where(query.from, query.to, query));
}

std::string influx_types_query(const std::string& measurement) {
  return "SHOW FIELD KEYS FROM " + influx_name(measurement);
}

std::string influx_latest_query(const LatestQuery& query) {
  return fmt::format("{}; SELECT {} FROM {}{} GROUP BY * ORDER BY time DESC LIMIT 1",
                     influx_types_query(query.measurement),
                     query.fields.empty() ? "*" : names_of(query.fields),
                     influx_name(query.measurement), where(query.since, std::nullopt, query));
}

std::string influx_points_query(const PointsQuery& query) {
  return fmt::format("{}; SELECT * FROM {}{} GROUP BY * ORDER BY time",
                     influx_types_query(query.measurement), influx_name(query.measurement),
                     where(query.from, query.to, query));
}

std::string influx_aggregate_query(const AggregateQuery& query,
                                   const std::vector<std::string>& fields) {
  std::string figures;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto name = influx_name(fields[i]);
    figures +=
        fmt::format("{0}count({1}) AS count{2}, mean({1}) AS mean{2}", i == 0 ? "" : ", ", name, i);
    if (query.means_only) continue;
    figures += fmt::format(", min({0}) AS min{1}, max({0}) AS max{1}", name, i);
  }
  const TimePoint from = reach_of(query);
  // Steps begin where the range does, not at a multiple of their length.
  const std::int64_t offset = ms(query.from) % query.step.count();
  return fmt::format("SELECT {} FROM {}{} GROUP BY time({}ms, {}ms), * fill(none) ORDER BY time",
                     figures, influx_name(query.measurement), where(from, query.to, query),
                     query.step.count(), offset);
}

Result<std::vector<Series>> parse_influx_range(std::string_view text, const RangeQuery& query) {
  const auto parsed = InfluxAnswer::parse(text);
  if (!parsed) return parsed.error();
  if (parsed->statements().size() != 1) return not_influx_form("not one result");
  std::vector<Series> answer;
  for (const auto& table : parsed->statements().front()) {
    auto series = read_series(table, query.fields);
    if (!series) return series.error();
    if (!series->rows.empty()) answer.push_back(std::move(*series));
  }
  std::sort(answer.begin(), answer.end(),
            [](const Series& a, const Series& b) { return a.tags < b.tags; });
  return answer;
}

Result<std::vector<Point>> parse_influx_points(std::string_view text,
                                               const std::string& measurement) {
  const auto parsed = InfluxAnswer::parse(text);
  if (!parsed) return parsed.error();
  if (parsed->statements().size() != 2) return not_influx_form("not two results");
  const auto types = read_types(parsed->statements()[0]);
  if (!types) return types.error();
  std::vector<Point> points;
  for (const auto& table : parsed->statements()[1]) {
    auto read = table.rows([&](const json::array& cells) -> Result<void> {
      auto point = read_point(table, cells, *types, measurement);
      if (!point) return point.error();
      points.push_back(std::move(*point));
      return {};
    });
    if (!read) return read.error();
  }
  return points;
}

Result<std::vector<std::string>> parse_influx_names(std::string_view text) {
  const auto parsed = InfluxAnswer::parse(text);
  if (!parsed) return parsed.error();
  std::vector<std::string> names;
  for (const auto& tables : parsed->statements()) {
    for (const auto& table : tables) {
      auto read = table.rows([&](const json::array& cells) -> Result<void> {
        if (cells.empty() || !cells[0].is_string()) return not_influx_form("a name is no text");
        names.emplace_back(view_of(cells[0].get_string()));
        return {};
      });
      if (!read) return read.error();
    }
  }
  return names;
}

Result<FieldTypes> parse_influx_types(std::string_view text) {
  const auto parsed = InfluxAnswer::parse(text);
  if (!parsed) return parsed.error();
  if (parsed->statements().size() != 1) return not_influx_form("not one result");
  return read_types(parsed->statements().front());
}

Result<std::vector<SummarySeries>> parse_influx_aggregate(std::string_view text,
                                                          const AggregateQuery& query,
                                                          const std::vector<std::string>& fields) {
  const auto parsed = InfluxAnswer::parse(text);
  if (!parsed) return parsed.error();
  if (parsed->statements().size() != 1) return not_influx_form("not one result");
  std::vector<SummarySeries> answer;
  Summarizer summarizer{query};
  for (const auto& table : parsed->statements().front()) {
    const auto columns = figure_columns(table, fields.size());
    auto read = table.rows([&](const json::array& cells) -> Result<void> {
      const auto time = time_in(cells, table.column("time"));
      if (!time) return time.error();
      for (std::size_t i = 0; i < query.fields.size(); ++i) {
        const auto asked = std::find(fields.begin(), fields.end(), query.fields[i]);
        if (asked == fields.end()) continue;
        const auto& figures = columns[static_cast<std::size_t>(asked - fields.begin())];
        summarizer.add(*time, i, read_summary(cells, figures));
      }
      return {};
    });
    if (!read) return read.error();
    auto rows = summarizer.take();
    if (!rows.empty()) answer.push_back({table.tags(), std::move(rows)});
  }
  std::sort(answer.begin(), answer.end(),
            [](const SummarySeries& a, const SummarySeries& b) { return a.tags < b.tags; });
  return answer;
}

}  // namespace plimsoll
