#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "store/store.h"
#include "telemetry/json_reader.h"

namespace plimsoll {

/// What JSON of InfluxDB is bounded to.
inline constexpr JsonLimits influx_json_limits{.bytes_max = 64U << 20, .depth_max = 16};

[[nodiscard]] Error not_influx_form(const char* what);

[[nodiscard]] inline std::string_view view_of(const boost::json::string& text) {
  return {text.data(), text.size()};
}
/// Members of an object; nothing where the value is none, or has no such member of that type.
[[nodiscard]] const boost::json::array* array_at(const boost::json::value& value,
                                                 std::string_view key);
[[nodiscard]] std::optional<std::string> text_at(const boost::json::value& value,
                                                 std::string_view key);

/// A series of an answer of /query, its columns found by name. Views of the document it is in.
class InfluxTable {
 public:
  /// Requires: an object.
  explicit InfluxTable(const boost::json::value& series);

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string_view>& columns() const { return columns_; }
  [[nodiscard]] std::map<std::string, std::string> tags() const;

  /// Calls `read(row)`, which gives a Result<void>, with each row; each has a cell a column.
  /// Errors: malformed; what `read` gives.
  template <class Read>
  [[nodiscard]] Result<void> rows(Read read) const {
    if (values_ == nullptr) return {};  // an empty list has none
    for (const auto& row : *values_) {
      const auto* cells = row.if_array();
      if (cells == nullptr || cells->size() != columns_.size()) {
        return not_influx_form("a torn row");
      }
      if (auto done = read(*cells); !done) return done;
    }
    return {};
  }

 private:
  const boost::json::value& series_;
  std::vector<std::string_view> columns_;
  const boost::json::array* values_ = nullptr;
};

/// An answer of /query: the tables of each statement.
class InfluxAnswer {
 public:
  /// Errors: malformed - not InfluxDB's form; refused - InfluxDB's own words; too_large - rows
  ///         are missing.
  [[nodiscard]] static Result<InfluxAnswer> parse(std::string_view json);

  [[nodiscard]] const std::vector<std::vector<InfluxTable>>& statements() const {
    return statements_;
  }

 private:
  explicit InfluxAnswer(JsonDocument document) : document_(std::move(document)) {}
  JsonDocument document_;
  std::vector<std::vector<InfluxTable>> statements_;
};

/// Cells. A time is in ms; a truth is 0 or 1 as a number.
[[nodiscard]] Result<TimePoint> time_in(const boost::json::array& cells,
                                        std::optional<std::size_t> column);
[[nodiscard]] std::optional<double> number_in(const boost::json::value& cell);

}  // namespace plimsoll
