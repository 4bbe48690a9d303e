#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace plimsoll {

/// The type a field keeps for life; the order of FieldValue's alternatives.
enum class FieldType { number, integer, truth, text };

[[nodiscard]] FieldType type_of(const FieldValue& value);
[[nodiscard]] const char* to_string(FieldType type);

/// "Device host=h1": a series as a problem names it.
[[nodiscard]] std::string series_name(const Point& point);

/// Of these many rejected points a report tells why.
inline constexpr std::size_t problems_max = 10;

/// Counts a point as rejected, notes its place in the batch, and why: its series, the reason and
/// the beginning of its line; unless problems_max are noted already.
void reject(WriteReport& report, std::size_t position, const Point& point, std::string_view why);

/// Points that can be stored, each with its place in the batch that was given.
struct StorablePoints {
  std::vector<Point> points;
  std::vector<std::size_t> positions;
};

/// What every back end takes, so that all of them take the same: fields that are NaN or infinite
/// and tags without a value are left out, tags are put in the order of their names, line breaks in
/// texts become spaces. A point that cannot be stored is dropped and counted in `report`: no field
/// left, a name or a text that is too long or not printable, a backslash in a tag, a name twice, a
/// time outside 1970 to 2262.
[[nodiscard]] StorablePoints keep_storable(std::vector<Point> points, WriteReport& report);

/// Refused points may have been noted in any order; to be called when all are.
void put_in_order(WriteReport& report);

/// A measurement's name: [A-Za-z][A-Za-z0-9_]*, at most 64 bytes.
[[nodiscard]] bool is_measurement_name(std::string_view text);

/// A field's name: [A-Za-z0-9_][A-Za-z0-9_.-]*, at most 128 bytes; "time" and "series" are ours.
[[nodiscard]] bool is_field_name(std::string_view text);

/// The time bounded to what every back end can hold.
[[nodiscard]] TimePoint storable_time(TimePoint time);

/// Drops all fields but those named; none where none is named.
void keep_fields(Point& point, const std::vector<std::string>& names);

/// In the order of their times, then of their tags.
void sort_by_time(std::vector<Point>& points);

/// What Store::points fails with beyond points_answer_max.
[[nodiscard]] Error too_many_points();

/// Whether a series with these tags carries all that are asked for.
[[nodiscard]] bool carries(const std::map<std::string, std::string>& tags,
                           const std::map<std::string, std::string>& asked);
/// Likewise for all that a query asks of a series: its tags and its hosts.
template <class Query>
[[nodiscard]] bool is_asked_for(const std::map<std::string, std::string>& tags,
                                const Query& query) {
  if (!carries(tags, query.tags)) return false;
  if (query.hosts.empty()) return true;
  const auto host = tags.find("host");
  return host != tags.end() && query.hosts.contains(host->second);
}

/// The hosts as a regular expression, "a|b[.]c". Requires: for a pattern that is anchored.
[[nodiscard]] std::string hosts_pattern(const std::set<std::string>& hosts);

}  // namespace plimsoll
