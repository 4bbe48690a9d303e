#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "telemetry/point.h"

namespace plimsoll {

/// Adds one line of InfluxDB's line protocol with its newline; time in milliseconds.
///
/// What the protocol cannot hold is left out: empty tag values and texts in tags' names, NaN and
/// infinities; a point that has no field left gives no line. Line breaks become spaces; a backslash
/// in a tag that would escape what follows becomes '/', since InfluxDB and VictoriaMetrics read
/// "\\," each in its own way.
void append_line(std::string& out, const Point& point);

/// Reads lines as append_line writes them. Stricter than InfluxDB: each has a time, integers end
/// in 'i', nothing is repeated or left over. Empty lines and '#' comments are passed over.
/// Errors: malformed - with the line's number.
[[nodiscard]] Result<std::vector<Point>> parse_lines(std::string_view text);

}  // namespace plimsoll
