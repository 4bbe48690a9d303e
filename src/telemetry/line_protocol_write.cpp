#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

constexpr std::string_view name_specials = ",= ";

bool is_line_break(char c) { return c == '\n' || c == '\r'; }

/// Whether a character may need an escape somewhere.
bool is_plain(char c) { return c > ',' && c != '=' && c != '\\'; }

void append_name(std::string& out, std::string_view text, std::string_view specials) {
  if (std::ranges::all_of(text, is_plain)) {
    out += text;
    return;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      const bool last = i + 1 == text.size();
      const bool escapes = last || text[i + 1] == '\\' || is_line_break(text[i + 1]) ||
                           name_specials.find(text[i + 1]) != std::string_view::npos;
      out += escapes ? '/' : '\\';
    } else if (is_line_break(c)) {
      out += "\\ ";
    } else {
      if (specials.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += is_line_break(c) ? ' ' : c;
  }
  out += '"';
}

void append_value(std::string& out, double value) {
  std::array<char, 32> digits;
  out.append(digits.data(), fmt::format_to(digits.data(), FMT_COMPILE("{}"), value));
}
void append_value(std::string& out, std::int64_t value) {
  const fmt::format_int digits{value};
  out.append(digits.data(), digits.size());
  out += 'i';
}
void append_value(std::string& out, bool value) { out += value ? "true" : "false"; }
void append_value(std::string& out, const std::string& value) { append_text(out, value); }

bool is_writable(const Field& field) {
  const auto* number = std::get_if<double>(&field.second);
  return !field.first.empty() && (number == nullptr || std::isfinite(*number));
}

}  // namespace

void append_line(std::string& out, const Point& point) {
  if (std::ranges::none_of(point.fields, is_writable)) return;
  append_name(out, point.measurement, ", ");
  for (const auto& [name, value] : point.tags) {
    if (name.empty() || value.empty()) continue;
    out += ',';
    append_name(out, name, name_specials);
    out += '=';
    append_name(out, value, name_specials);
  }
  char separator = ' ';
  for (const Field& field : point.fields) {
    if (!is_writable(field)) continue;
    out += separator;
    separator = ',';
    append_name(out, field.first, name_specials);
    out += '=';
    std::visit([&](const auto& value) { append_value(out, value); }, field.second);
  }
  out += ' ';
  const fmt::format_int time{point.time.time_since_epoch().count()};
  out.append(time.data(), time.size());
  out += '\n';
}

}  // namespace plimsoll
