#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// What a failed request's body says, as 1.x and 3.x ("error") or 2.x ("message") put it, fit to
/// print.
[[nodiscard]] std::string influx_error_text(std::string_view body);

/// A line of a batch that InfluxDB names as wrong.
struct InfluxLineFault {
  std::size_t line = 0;  ///< From zero.
  std::string why;
  friend bool operator==(const InfluxLineFault&, const InfluxLineFault&) = default;
};

/// What InfluxDB says of a batch that it took in part or not at all because of some points.
struct InfluxPartial {
  std::string why;
  std::optional<std::size_t> dropped;   ///< Where it told a number (1.x and 2.x).
  std::vector<InfluxLineFault> faults;  ///< Where it named them (3.x: "data").
  std::optional<std::size_t> suspect;   ///< The first line that it could not read (2.x: "line").
};

/// Nothing when the failure is not about single points.
/// Source: https://docs.influxdata.com: InfluxDB 1.8 /write; 2.7 API, LineProtocolError; 3 Core,
/// /api/v3/write_lp with accept_partial.
[[nodiscard]] std::optional<InfluxPartial> parse_influx_partial(unsigned status,
                                                                std::string_view body);

}  // namespace plimsoll
