#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "terminal/glyphs.h"

namespace plimsoll {

/// What a colour means; frame_update.h knows how each terminal shows it.
enum class Colour : std::uint8_t {
  plain,   ///< The terminal's own.
  soft,    ///< Of less weight: headings, units.
  calm,    ///< Below the line.
  near,    ///< Close to it.
  over,    ///< Over it, and errors.
  accent,  ///< Keys and titles.
  bright,  ///< On top of a filled bar.
  track,   ///< Paper of the empty part of a bar.
  cursor,  ///< Paper of the chosen row.
};
inline constexpr std::size_t colour_count = 9;

struct Style {
  Colour ink = Colour::plain;
  Colour paper = Colour::plain;
  bool bold = false;
  bool reverse = false;
  friend bool operator==(const Style&, const Style&) = default;
};

/// One place of a screen. A glyph of two columns fills its cell and an empty one after it.
struct Cell {
  std::array<char, Glyph::bytes_max> bytes{' '};
  std::uint8_t size = 1;  ///< 0: the right half of the glyph before.
  Style style;

  [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
  /// All of it at once: most of what a picture costs is comparing its cells.
  friend bool operator==(const Cell& a, const Cell& b) {
    return std::memcmp(&a, &b, sizeof(Cell)) == 0;
  }
};
static_assert(std::has_unique_object_representations_v<Cell>);

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
  friend bool operator==(const ScreenSize&, const ScreenSize&) = default;
};

/// A picture of a screen, made of cells. What is put outside of it is left out.
class Frame {
 public:
  /// Without `unicode`, glyphs beyond ASCII are shown as '?'.
  explicit Frame(ScreenSize size, bool unicode = true);

  [[nodiscard]] ScreenSize size() const { return size_; }
  [[nodiscard]] bool unicode() const { return unicode_; }
  /// Requires: inside the frame.
  [[nodiscard]] const Cell& at(std::size_t column, std::size_t row) const {
    return cells_[row * size_.columns + column];
  }

  /// Puts a text from there on over what stood there, at most so many columns of it, never into
  /// the next row. Gives how many columns it took.
  std::size_t put(std::size_t column, std::size_t row, std::string_view text, Style style,
                  std::size_t columns_max);
  /// Gives cells another paper.
  void shade(std::size_t column, std::size_t row, std::size_t columns, Colour paper);

  /// The text of a row without blanks at its end.
  [[nodiscard]] std::string row_text(std::size_t row) const;

 private:
  void set_ascii(std::size_t column, std::size_t row, char c, Style style);
  void set(std::size_t column, std::size_t row, const Glyph& glyph, Style style);
  void clear_halves(std::size_t column, std::size_t row);
  Cell& cell(std::size_t column, std::size_t row) { return cells_[row * size_.columns + column]; }

  ScreenSize size_;
  bool unicode_;
  bool has_wide_ = false;  ///< A glyph of two columns was put.
  std::vector<Cell> cells_;
};

enum class Align { left, right };

/// Writes along a row of a frame, up to a column where it ends.
class Pen {
 public:
  Pen(Frame& frame, std::size_t row, std::size_t column = 0);
  Pen(Frame& frame, std::size_t row, std::size_t column, std::size_t end);

  Pen& text(std::string_view text, Style style = {});
  /// Exactly so many columns, as far as there is room: what is longer is cut and marked with '…'
  /// (without Unicode '~').
  Pen& field(std::string_view text, std::size_t columns, Align align, Style style = {});
  Pen& skip(std::size_t columns);
  [[nodiscard]] std::size_t column() const { return column_; }
  [[nodiscard]] std::size_t room() const { return end_ - column_; }

 private:
  Frame& frame_;
  std::size_t row_;
  std::size_t column_;
  std::size_t end_;
};

}  // namespace plimsoll
