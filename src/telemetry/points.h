#pragma once

#include <string_view>
#include <vector>

#include "core/ids.h"
#include "telemetry/point.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// One `Device` point and a `Container` point for each container, in their order. The fields, with
/// units and types, are listed in docs/formats/measurements.md. A field keeps its type for life:
/// percentages and rates are fractions, sizes and counters whole (cut at the largest int64).
/// `container_id_tag`: the container's id is a tag; else a field, against endless series.
[[nodiscard]] std::vector<Point> points_of(const HostId& host, const HostReading& reading,
                                           TimePoint at, bool container_id_tag);

/// What became of one poll: a `Monitor` point. `error_class` is to_string of an Errc, "" when up.
[[nodiscard]] Point monitor_point(const HostId& host, TimePoint at, bool up, Duration took,
                                  std::uint64_t bytes, std::string_view error_class);

}  // namespace plimsoll
