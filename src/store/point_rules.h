#pragma once

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

/// Counts a point as rejected and notes why, unless problems_max are noted already.
void reject(WriteReport& report, std::string why);

/// What every back end takes, so that all of them take the same: fields that are NaN or infinite
/// and tags without a value are left out, tags are put in the order of their names, line breaks in
/// texts become spaces. A point that cannot be stored is dropped and counted in `report`: no field
/// left, a name or a text that is too long or not printable, a backslash in a tag, a name twice, a
/// time outside 1970 to 2262.
[[nodiscard]] std::vector<Point> keep_storable(std::vector<Point> points, WriteReport& report);

/// A measurement's name: [A-Za-z][A-Za-z0-9_]*, at most 64 bytes.
[[nodiscard]] bool is_measurement_name(std::string_view text);

/// The time bounded to what every back end can hold.
[[nodiscard]] TimePoint storable_time(TimePoint time);

/// Whether a series with these tags carries all that are asked for.
[[nodiscard]] bool carries(const std::map<std::string, std::string>& tags,
                           const std::map<std::string, std::string>& asked);

}  // namespace plimsoll
