#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/point_rules.h"
#include "store/store.h"

namespace plimsoll {

/// InfluxQL: a name in double quotes, a text in single quotes.
[[nodiscard]] std::string influx_name(std::string_view name);
[[nodiscard]] std::string influx_text(std::string_view text);

[[nodiscard]] std::string influx_range_query(const RangeQuery& query);
/// Two statements: the fields' types, since JSON does not tell 5 from 5.0, then the points.
[[nodiscard]] std::string influx_latest_query(const LatestQuery& query);
[[nodiscard]] std::string influx_points_query(const PointsQuery& query);
[[nodiscard]] std::string influx_types_query(const std::string& measurement);
/// Count, least, greatest and mean of each of `fields` by step. Requires: a checked query; fields
/// whose numbers InfluxDB can add up.
[[nodiscard]] std::string influx_aggregate_query(const AggregateQuery& query,
                                                 const std::vector<std::string>& fields);

/// Readers of the JSON that /query answers; times in ms.
/// Errors: malformed - not InfluxDB's form; refused - InfluxDB's own words.
[[nodiscard]] Result<std::vector<Series>> parse_influx_range(std::string_view json,
                                                             const RangeQuery& query);
/// Of influx_latest_query and influx_points_query.
[[nodiscard]] Result<std::vector<Point>> parse_influx_points(std::string_view json,
                                                             const std::string& measurement);
/// The first column of a list such as SHOW DATABASES.
[[nodiscard]] Result<std::vector<std::string>> parse_influx_names(std::string_view json);
[[nodiscard]] Result<std::map<std::string, FieldType>> parse_influx_types(std::string_view json);
/// `fields` as in the query that was sent.
[[nodiscard]] Result<std::vector<SummarySeries>> parse_influx_aggregate(
    std::string_view json, const AggregateQuery& query, const std::vector<std::string>& fields);

}  // namespace plimsoll
