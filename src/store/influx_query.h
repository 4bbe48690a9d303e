#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace plimsoll {

/// InfluxQL: a name in double quotes, a text in single quotes.
[[nodiscard]] std::string influx_name(std::string_view name);
[[nodiscard]] std::string influx_text(std::string_view text);

[[nodiscard]] std::string influx_range_query(const RangeQuery& query);
/// Two statements: the fields' types, since JSON does not tell 5 from 5.0, then the points.
[[nodiscard]] std::string influx_latest_query(const LatestQuery& query);

/// Readers of the JSON that /query answers; times in ms.
/// Errors: malformed - not InfluxDB's form; refused - InfluxDB's own words.
[[nodiscard]] Result<std::vector<Series>> parse_influx_range(std::string_view json,
                                                             const RangeQuery& query);
[[nodiscard]] Result<std::vector<Point>> parse_influx_latest(std::string_view json,
                                                             const LatestQuery& query);
/// The first column of a list such as SHOW DATABASES.
[[nodiscard]] Result<std::vector<std::string>> parse_influx_names(std::string_view json);

/// What a failed request's body says, as 1.x ("error") or 2.x ("message") put it, fit to print.
[[nodiscard]] std::string influx_error_text(std::string_view body);

/// What InfluxDB says of a batch that it took in part or not at all because of some points.
struct InfluxPartial {
  std::string why;
  std::optional<std::size_t> dropped;  ///< Where it told a number.
};
/// Nothing when the failure is not about single points.
[[nodiscard]] std::optional<InfluxPartial> parse_influx_partial(unsigned status,
                                                                std::string_view body);

}  // namespace plimsoll
