#include "store/victoria_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::array<std::string_view, 4> reserved_labels{"__name__", "db", "rollup", "texts"};
constexpr std::string_view catalogue_measurement = "plimsoll";
// The server's own default bounds: -maxLabelsPerTimeseries, less name, db and texts; and
// -influx.maxLineSize.
constexpr std::size_t labels_max = 27;
constexpr std::size_t line_bytes_max = 256U << 10;
constexpr Duration again_after = std::chrono::hours{6};

// VictoriaMetrics reads "\\" as one backslash, which InfluxDB does not.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == ',' || c == '=' || c == ' ' || c == '\\') out += '\\';
    out += c;
  }
}

void append_tag(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += ',';
  append_escaped(out, name);
  out += '=';
  append_escaped(out, value);
}

void append_number(std::string& out, const Field& field) {
  append_escaped(out, field.first);
  const auto end = std::back_inserter(out);
  switch (type_of(field.second)) {
    case FieldType::number:
      fmt::format_to(end, "={}", std::get<double>(field.second));
      break;
    case FieldType::integer:
      fmt::format_to(end, "={}i", std::get<std::int64_t>(field.second));
      break;
    case FieldType::truth:
      out += std::get<bool>(field.second) ? "=true" : "=false";
      break;
    case FieldType::text:
      break;
  }
}

bool is_text(const Field& field) { return type_of(field.second) == FieldType::text; }

std::string text_names(const Point& point) {
  std::string names;
  for (const auto& field : point.fields) {
    if (is_text(field)) names += (names.empty() ? "" : ",") + field.first;
  }
  return names;
}

void append_time(std::string& out, TimePoint time) {
  fmt::format_to(std::back_inserter(out), " {}\n", time.time_since_epoch().count());
}

void append_series(std::string& out, const Point& point) {
  append_escaped(out, point.measurement);
  for (const auto& [name, value] : point.tags) append_tag(out, name, value);
}

void append_point(std::string& out, const Point& point) {
  const auto texts = text_names(point);
  append_series(out, point);
  if (!texts.empty()) {
    for (const auto& field : point.fields) {
      if (is_text(field)) append_tag(out, field.first, std::get<std::string>(field.second));
    }
    append_tag(out, "texts", texts);
  }
  out += fmt::format(" {}=1", info_field);
  if (!texts.empty()) {
    append_time(out, point.time);
    if (std::all_of(point.fields.begin(), point.fields.end(), is_text)) return;
    append_series(out, point);
  }
  char separator = texts.empty() ? ',' : ' ';
  for (const auto& field : point.fields) {
    if (is_text(field)) continue;
    out += separator;
    separator = ',';
    append_number(out, field);
  }
  append_time(out, point.time);
}

void append_entry(std::string& out, const std::string& measurement, const Field& field,
                  TimePoint time) {
  out += catalogue_measurement;
  append_tag(out, "measurement", measurement);
  append_tag(out, "field", field.first);
  append_tag(out, "type", type_word(type_of(field.second)));
  out += " field=1";
  append_time(out, time);
}

std::string text_fault(const Point& point, const Field& field) {
  const auto is_it = [&](const Tag& tag) { return tag.first == field.first; };
  if (is_reserved_label(field.first) || std::any_of(point.tags.begin(), point.tags.end(), is_it)) {
    return fmt::format("text '{}' has the name of a tag or label", field.first);
  }
  if (std::get<std::string>(field.second).size() > victoria_text_max) {
    return fmt::format("field '{}' is longer than {}", field.first,
                       format_bytes(victoria_text_max));
  }
  return "";
}

std::string label_fault(const Point& point) {
  std::size_t labels = point.tags.size();
  for (const auto& [name, value] : point.tags) {
    if (is_reserved_label(name)) return fmt::format("tag name '{}' is reserved", name);
  }
  for (const auto& field : point.fields) {
    if (!is_text(field)) continue;
    ++labels;
    if (auto fault = text_fault(point, field); !fault.empty()) return fault;
  }
  if (labels > labels_max) return fmt::format("more than {} tags and texts", labels_max);
  return "";
}

}  // namespace

bool is_reserved_label(std::string_view name) {
  return std::find(reserved_labels.begin(), reserved_labels.end(), name) != reserved_labels.end();
}

std::string metric_name(std::string_view measurement, std::string_view field) {
  return fmt::format("{}_{}", measurement, field);
}

std::string type_word(FieldType type) { return to_string(type); }

Result<FieldType> parse_type_word(std::string_view word) {
  for (const auto type :
       {FieldType::number, FieldType::integer, FieldType::truth, FieldType::text}) {
    if (word == to_string(type)) return type;
  }
  return Error{Errc::malformed, fmt::format("'{}' is no type", printable(word, 40))};
}

void VictoriaCatalogue::learn(const std::string& measurement, const std::string& field,
                              FieldType type) {
  fields_[measurement].try_emplace(field, Known{type});
  owners_.try_emplace(metric_name(measurement, field), measurement);
}

std::string VictoriaCatalogue::claim(const Point& point) {
  if (point.measurement == catalogue_measurement) return "reserved measurement name";
  if (auto fault = label_fault(point); !fault.empty()) return fault;
  const auto& fields = fields_[point.measurement];
  std::vector<const Field*> added;
  for (const auto& field : point.fields) {
    const auto known = fields.find(field.first);
    if (known == fields.end()) {
      if (auto fault = name_fault(point.measurement, field.first); !fault.empty()) return fault;
      added.push_back(&field);
    } else if (known->second.type != type_of(field.second)) {
      return fmt::format("field type conflict: '{}' is {} here, but {} in the store", field.first,
                         to_string(type_of(field.second)), to_string(known->second.type));
    }
  }
  for (const auto* field : added) learn(point.measurement, field->first, type_of(field->second));
  return "";
}

std::string VictoriaCatalogue::name_fault(const std::string& measurement,
                                          const std::string& field) const {
  if (field == info_field) return fmt::format("field name '{}' is reserved", info_field);
  const auto owner = owners_.find(metric_name(measurement, field));
  if (owner == owners_.end() || owner->second == measurement) return "";
  return fmt::format("field '{}' would be the same series as one of '{}'", field, owner->second);
}

void VictoriaCatalogue::write_all_again() {
  for (auto& [measurement, fields] : fields_) {
    for (auto& [name, field] : fields) field.written = TimePoint::min();
  }
}

std::map<std::string, FieldType> VictoriaCatalogue::types(const std::string& measurement) const {
  std::map<std::string, FieldType> types;
  const auto found = fields_.find(measurement);
  if (found == fields_.end()) return types;
  for (const auto& [name, field] : found->second) types.emplace(name, field.type);
  return types;
}

std::vector<std::string> VictoriaCatalogue::measurements() const {
  std::vector<std::string> names;
  for (const auto& [name, fields] : fields_) {
    if (!fields.empty()) names.push_back(name);
  }
  return names;
}

bool VictoriaCatalogue::is_due(const std::string& measurement, const std::string& field,
                               TimePoint time) {
  TimePoint& written = fields_[measurement].at(field).written;
  if (written != TimePoint::min() && time - written < again_after) return false;
  written = time;
  return true;
}

std::string victoria_lines(const StorablePoints& batch, VictoriaCatalogue& catalogue,
                           WriteReport& report) {
  std::string lines;
  for (std::size_t i = 0; i < batch.points.size(); ++i) {
    const Point& point = batch.points[i];
    if (const auto fault = catalogue.claim(point); !fault.empty()) {
      reject(report, batch.positions[i], point, fault);
      continue;
    }
    const std::size_t before = lines.size();
    append_point(lines, point);
    if (lines.size() - before > line_bytes_max) {
      lines.resize(before);
      reject(report, batch.positions[i], point, "its texts are too long together");
      continue;
    }
    for (const auto& field : point.fields) {
      if (!catalogue.is_due(point.measurement, field.first, point.time)) continue;
      append_entry(lines, point.measurement, field, point.time);
    }
    ++report.written;
  }
  return lines;
}

}  // namespace plimsoll
