#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "terminal/frame.h"

namespace plimsoll::test {

/// What a frame shows, row by row, a line each.
inline std::string text_of(const Frame& frame) {
  std::string text;
  for (std::size_t row = 0; row < frame.size().rows; ++row) {
    for (std::size_t i = 0; i < frame.size().columns; ++i) text += frame.at(i, row).text();
    text += '\n';
  }
  return text;
}

/// A letter for the style of each cell: its ink (that of its paper where there is one), a capital
/// where it is bold.
inline std::string styles_of(const Frame& frame) {
  const auto letter = [](const Style& style) {
    const Colour colour = style.paper == Colour::plain ? style.ink : style.paper;
    const char small = ".scnoabtu"[static_cast<std::size_t>(colour)];
    if (style.reverse) return '@';
    if (!style.bold) return small;
    return small == '.' ? 'P' : static_cast<char>(small - 'a' + 'A');
  };
  std::string text;
  for (std::size_t row = 0; row < frame.size().rows; ++row) {
    for (std::size_t i = 0; i < frame.size().columns; ++i) text += letter(frame.at(i, row).style);
    text += '\n';
  }
  return text;
}

/// As much of a terminal as frame_update.h needs; anything else it is sent is thrown.
class TinyTerminal {
 public:
  explicit TinyTerminal(ScreenSize size) : frame_(size) {}

  void wide_glyphs_are_narrow() { narrow_ = true; }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      if (bytes.starts_with("\x1b[")) {
        const auto end = bytes.find_first_of("HCKJm", 2);
        obey(bytes.at(end), bytes.substr(2, end - 2));
        bytes.remove_prefix(end + 1);
      } else {
        bytes.remove_prefix(print(bytes));
      }
    }
  }
  [[nodiscard]] std::string text() const { return text_of(frame_); }
  [[nodiscard]] std::string styles() const { return styles_of(frame_); }
  [[nodiscard]] std::string row(std::size_t row) const {
    std::string text;
    for (std::size_t i = 0; i < frame_.size().columns; ++i) text += frame_.at(i, row).text();
    return text;
  }

 private:
  static std::size_t number(std::string_view text, std::size_t otherwise) {
    std::size_t value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  void obey(char command, std::string_view parameters) {
    const auto semicolon = parameters.find(';');
    switch (command) {
      case 'H':
        row_ = number(parameters, 1) - 1;
        column_ = number(parameters.substr(semicolon + 1), 1) - 1;
        break;
      case 'C':
        column_ += number(parameters, 1);
        break;
      case 'K':
        erase(row_, column_);
        break;
      case 'J':
        for (std::size_t row = 0; row < frame_.size().rows; ++row) erase(row, 0);
        break;
      default:
        style_ = style_of(parameters);
    }
  }

  void erase(std::size_t row, std::size_t column) {
    frame_.put(column, row, std::string(frame_.size().columns, ' '), Style{}, 1'000);
  }

  std::size_t print(std::string_view bytes) {
    std::size_t size = 1;
    while (size < bytes.size() && (static_cast<unsigned char>(bytes[size]) & 0xC0U) == 0x80) ++size;
    const std::string_view glyph = bytes.substr(0, size);
    const bool narrowed = narrow_ && columns_of(glyph) > 1;
    const auto used = frame_.put(column_, row_, narrowed ? "#" : glyph, style_, 2);
    column_ = std::min(column_ + used, frame_.size().columns - 1);
    return size;
  }

  /// The codes for 256 colours back into what they mean.
  static Style style_of(std::string_view codes) {
    Style style;
    const std::string text = std::string{codes} + ";";
    style.bold = text.find(";1;") != std::string::npos;
    style.reverse = text.find(";7;") != std::string::npos;
    constexpr std::array<std::string_view, colour_count> inks{"",    "245", "73",  "215", "203",
                                                              "110", "231", "238", "237"};
    for (std::size_t i = 1; i < colour_count; ++i) {
      if (text.find(";38;5;" + std::string{inks.at(i)} + ";") == std::string::npos) continue;
      style.ink = static_cast<Colour>(i);
      break;
    }
    return style;
  }

  Frame frame_;
  bool narrow_ = false;
  Style style_;
  std::size_t column_ = 0;
  std::size_t row_ = 0;
};

}  // namespace plimsoll::test
