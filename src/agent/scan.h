#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/text.h"

namespace plimsoll {

/// Takes the first line, without its break, off `text`.
inline std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

/// Takes the first word off `text`; "" at its end. Words stand between spaces and tabs.
inline std::string_view take_word(std::string_view& text) {
  // By hand: most of a sample is spent here, and find_first_of looks each character up.
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  const auto* start = std::find_if_not(text.begin(), text.end(), is_space);
  const auto* end = std::find_if(start, text.end(), is_space);
  const std::string_view word{start, static_cast<std::size_t>(end - start)};
  text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  return word;
}

/// Takes the first word off `text` as a number.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  return parse_number<Number>(take_word(text));
}

/// Calls `use(line)` with each line that is not empty.
template <class Use>
void each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line.empty()) use(line);
  }
}

/// The number behind `key` in lines of "key number", as memory.stat and cpu.stat have them.
inline std::optional<std::uint64_t> value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    auto line = take_line(text);
    if (take_word(line) == key) return take_number<std::uint64_t>(line);
  }
  return std::nullopt;
}

/// A file that holds one number.
inline std::optional<std::uint64_t> whole_value(std::string_view text) {
  return parse_number<std::uint64_t>(trim(text));
}

}  // namespace plimsoll
