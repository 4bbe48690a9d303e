#include "store/point_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "core/text.h"
#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t tag_bytes_max = 4096;
constexpr std::size_t text_bytes_max = 64U << 10;  // InfluxDB's own bound
constexpr std::size_t line_bytes_told = 160;
constexpr std::int64_t time_ms_max = std::numeric_limits<std::int64_t>::max() / 1'000'000 - 1;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_printable(std::string_view text) { return printable(text, text.size()) == text; }

// A backslash in a tag reads differently in each back end that speaks the line protocol.
bool is_tag_text(std::string_view text, std::size_t bytes_max) {
  return text.size() <= bytes_max && is_printable(text) &&
         text.find('\\') == std::string_view::npos;
}

bool is_finite(const FieldValue& value) {
  const auto* number = std::get_if<double>(&value);
  return number == nullptr || std::isfinite(*number);
}

template <class Pairs>
bool has_name_twice(const Pairs& pairs) {
  std::vector<std::string_view> names;
  names.reserve(pairs.size());
  for (const auto& pair : pairs) names.push_back(pair.first);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

std::string tag_fault(const Point& point) {
  for (const auto& [name, value] : point.tags) {
    if (name.empty() || name == "time" || !is_tag_text(name, name_bytes_max)) {
      return fmt::format("tag name '{}' cannot be stored", printable(name, 40));
    }
    if (!is_tag_text(value, tag_bytes_max)) {
      return fmt::format("value of tag '{}' is too long, not printable or has a '\\'", name);
    }
  }
  return has_name_twice(point.tags) ? "a tag twice" : "";
}

std::string field_fault(const Point& point) {
  if (point.fields.empty()) return "no field with a value";
  for (const auto& [name, value] : point.fields) {
    if (!is_field_name(name)) {
      return fmt::format("field name '{}' cannot be stored", printable(name, 40));
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && text->size() > text_bytes_max) {
      return fmt::format("field '{}' is longer than {}", name, format_bytes(text_bytes_max));
    }
  }
  return has_name_twice(point.fields) ? "a field twice" : "";
}

std::string fault(const Point& point) {
  if (!is_measurement_name(point.measurement)) return "bad measurement name";
  if (point.time != storable_time(point.time)) return "time is not between 1970 and 2262";
  if (auto why = tag_fault(point); !why.empty()) return why;
  return field_fault(point);
}

// The line protocol keeps a text on one line.
void join_lines(Field& field) {
  auto* text = std::get_if<std::string>(&field.second);
  if (text == nullptr) return;
  const auto breaks = [](char c) { return c == '\n' || c == '\r'; };
  std::replace_if(text->begin(), text->end(), breaks, ' ');
}

void tidy(Point& point) {
  std::for_each(point.fields.begin(), point.fields.end(), join_lines);
  std::erase_if(point.fields, [](const Field& field) { return !is_finite(field.second); });
  std::erase_if(point.tags, [](const Tag& tag) { return tag.second.empty(); });
  std::sort(point.tags.begin(), point.tags.end());
}

}  // namespace

FieldType type_of(const FieldValue& value) { return static_cast<FieldType>(value.index()); }

const char* to_string(FieldType type) {
  switch (type) {
    case FieldType::number:
      return "number";
    case FieldType::integer:
      return "integer";
    case FieldType::truth:
      return "truth";
    case FieldType::text:
      return "text";
  }
  return "unknown";
}

std::string series_name(const Point& point) {
  std::string name = point.measurement;
  for (const auto& [key, value] : point.tags) name += fmt::format(" {}={}", key, value);
  return printable(name, 120);
}

void reject(WriteReport& report, std::size_t position, const Point& point, std::string_view why) {
  ++report.rejected;
  report.refused.push_back(position);
  if (report.problems.size() >= problems_max) return;
  std::string line;
  append_line(line, point);
  auto problem = fmt::format("{}: {}", series_name(point), why);
  if (!line.empty()) problem += fmt::format(" (line: {})", printable(trim(line), line_bytes_told));
  report.problems.push_back(std::move(problem));
}

StorablePoints keep_storable(std::vector<Point> points, WriteReport& report) {
  StorablePoints kept;
  kept.points.reserve(points.size());
  kept.positions.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    auto& point = points[i];
    tidy(point);
    if (const auto why = fault(point); !why.empty()) {
      reject(report, i, point, why);
    } else {
      kept.points.push_back(std::move(point));
      kept.positions.push_back(i);
    }
  }
  return kept;
}

void put_in_order(WriteReport& report) { std::sort(report.refused.begin(), report.refused.end()); }

bool is_measurement_name(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  const bool letter_first =
      is_word(text.front()) && text.front() != '_' && (text.front() < '0' || text.front() > '9');
  return letter_first && std::all_of(text.begin(), text.end(), is_word);
}

bool is_field_name(std::string_view text) {
  if (text.empty() || text.size() > name_bytes_max || text == "time" || text == "series") {
    return false;
  }
  const auto allowed = [](char c) { return is_word(c) || c == '.' || c == '-'; };
  return is_word(text.front()) && std::all_of(text.begin(), text.end(), allowed);
}

TimePoint storable_time(TimePoint time) {
  return std::clamp(time, TimePoint{}, TimePoint{Duration{time_ms_max}});
}

void sort_by_time(std::vector<Point>& points) {
  const auto earlier = [](const Point& a, const Point& b) {
    return std::tie(a.time, a.tags) < std::tie(b.time, b.tags);
  };
  std::sort(points.begin(), points.end(), earlier);
}

Error too_many_points() {
  return {Errc::too_large,
          fmt::format("more than {} points; ask for a shorter range", points_answer_max)};
}

bool carries(const std::map<std::string, std::string>& tags,
             const std::map<std::string, std::string>& asked) {
  return std::all_of(asked.begin(), asked.end(), [&](const auto& tag) {
    const auto found = tags.find(tag.first);
    return found == tags.end() ? tag.second.empty() : found->second == tag.second;
  });
}

void keep_fields(Point& point, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::erase_if(point.fields, [&](const Field& field) {
    return std::find(names.begin(), names.end(), field.first) == names.end();
  });
}

std::string hosts_pattern(const std::set<std::string>& hosts) {
  constexpr std::string_view special = ".+*?()|[]{}^$/\\";
  std::string pattern;
  for (const auto& host : hosts) {
    if (!pattern.empty()) pattern += '|';
    for (const char c : host) {
      if (special.find(c) != std::string_view::npos) pattern += '\\';
      pattern += c;
    }
  }
  return pattern;
}

}  // namespace plimsoll
