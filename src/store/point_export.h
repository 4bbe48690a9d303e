#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace plimsoll {

/// Takes points as they are read, in the order of their times.
class PointSink {
 public:
  virtual ~PointSink() = default;
  [[nodiscard]] virtual Result<void> take(const std::vector<Point>& points) = 0;
};

/// Reads a range piece by piece, each as long as fits into one answer, so that memory stays
/// bounded whatever the range. Gives the number of points.
/// Errors: as Store::points; what the sink gives. Requires: store and sink are not null and outlive
/// the task.
[[nodiscard]] Task<Result<std::uint64_t>> read_in_pieces(Store* store, PointsQuery query,
                                                         PointSink* sink);

/// Which columns a table of points has: `time`, `measurement`, the tags, the fields.
class CsvColumns : public PointSink {
 public:
  [[nodiscard]] Result<void> take(const std::vector<Point>& points) override;
  [[nodiscard]] const std::set<std::string>& tags() const { return tags_; }
  [[nodiscard]] const std::set<std::string>& fields() const { return fields_; }

 private:
  std::set<std::string> tags_;
  std::set<std::string> fields_;
};

/// A row of CSV (RFC 4180): cells quoted where they have to be, ended by CR LF.
[[nodiscard]] std::string csv_row(const std::vector<std::string>& cells);
/// A field of the same name as a tag has its column as "NAME (field)".
[[nodiscard]] std::string csv_header(const CsvColumns& columns);
/// What a point has in no column is left out and counted in `left_out`.
[[nodiscard]] std::string csv_line(const CsvColumns& columns, const Point& point,
                                   std::uint64_t& left_out);

/// A moment as a person writes it: "now", "-90m" (that long ago), RFC 3339 in UTC, or a date.
/// Errors: invalid - with what to write.
[[nodiscard]] Result<TimePoint> parse_moment(std::string_view text, TimePoint now);

}  // namespace plimsoll
