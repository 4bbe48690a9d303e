#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "telemetry/point.h"

namespace plimsoll {

/// The tag's value, or "".
[[nodiscard]] inline std::string tag_of(const Point& point, std::string_view name) {
  for (const auto& [key, value] : point.tags) {
    if (key == name) return value;
  }
  return {};
}

/// The field as a number, a truth as 0 or 1; nothing where it is absent or a text.
[[nodiscard]] inline std::optional<double> number_of(const Point& point, std::string_view name) {
  for (const auto& [key, value] : point.fields) {
    if (key != name) continue;
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? 1.0 : 0.0;
  }
  return std::nullopt;
}

/// The field as a text, or "".
[[nodiscard]] inline std::string text_of(const Point& point, std::string_view name) {
  for (const auto& [key, value] : point.fields) {
    if (key != name) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
  }
  return {};
}

}  // namespace plimsoll
