#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/time.h"

namespace plimsoll {

using Tag = std::pair<std::string, std::string>;
/// A number with a fraction, a whole number, a truth, or a text. A field keeps one type for life:
/// InfluxDB refuses a point whose field has another type than the first one written.
using FieldValue = std::variant<double, std::int64_t, bool, std::string>;
using Field = std::pair<std::string, FieldValue>;

/// One row of a measurement. A field that is unknown is left out, never written as zero.
struct Point {
  std::string measurement;
  std::vector<Tag> tags;  ///< In the order of their names.
  std::vector<Field> fields;
  TimePoint time;

  friend bool operator==(const Point&, const Point&) = default;
};

}  // namespace plimsoll
