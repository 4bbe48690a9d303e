// Line protocol: what is read and written again stays as it is.
#include "fuzz.h"
#include "store/point_rules.h"
#include "telemetry/line_protocol.h"

namespace plimsoll::fuzz {
namespace {

std::string written(const std::vector<Point>& points) {
  std::string lines;
  for (const auto& point : points) append_line(lines, point);
  return lines;
}

void check(std::string_view text) {
  const auto points = parse_lines(text);
  if (!points) return require_place(points.error(), "line protocol, line ");
  const auto lines = written(*points);
  const auto again = parse_lines(lines);
  require(again.has_value(), "what was written cannot be read");
  require(again->size() == points->size(), "written and read again, points are gone");
  require(written(*again) == lines, "written again, the lines differ");
  WriteReport report;
  const auto kept = keep_storable(*points, report);
  require(kept.points.size() + report.rejected == points->size(), "points are not all accounted");
  require(kept.positions.size() == kept.points.size(), "points without their places");
  require(report.problems.size() <= problems_max, "more problems than may be told");
  for (const auto& problem : report.problems) require_fit_to_print(problem);
  const auto stored = parse_lines(written(kept.points));
  require(stored && *stored == kept.points, "a point that may be stored is changed by its line");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
