#include "terminal/frame.h"

#include <algorithm>

namespace plimsoll {

Frame::Frame(ScreenSize size, bool unicode)
    : size_(size), unicode_(unicode), cells_(size.columns * size.rows) {}

std::size_t Frame::put(std::size_t column, std::size_t row, std::string_view text, Style style,
                       std::size_t columns_max) {
  if (row >= size_.rows || column >= size_.columns) return 0;
  const std::size_t room = std::min(columns_max, size_.columns - column);
  std::size_t used = 0;
  GlyphReader reader{text};
  for (;;) {
    for (const char c : reader.take_ascii()) {
      if (used == room) return used;
      set_ascii(column + used++, row, c, style);
    }
    auto glyph = reader.next();
    if (!glyph) break;
    if (!unicode_ && (glyph->size > 1 || static_cast<unsigned char>(glyph->bytes[0]) >= 0x80)) {
      *glyph = Glyph{{'?'}, 1, 1};
    }
    if (used + glyph->columns > room) break;
    set(column + used, row, *glyph, style);
    used += glyph->columns;
  }
  return used;
}

void Frame::set_ascii(std::size_t column, std::size_t row, char c, Style style) {
  if (has_wide_) clear_halves(column, row);
  Cell& changed = cell(column, row);
  changed.bytes = {c};
  changed.size = 1;
  changed.style = style;
}

void Frame::set(std::size_t column, std::size_t row, const Glyph& glyph, Style style) {
  for (std::size_t i = 0; has_wide_ && i < glyph.columns; ++i) clear_halves(column + i, row);
  Cell& first = cell(column, row);
  first.bytes = glyph.bytes;
  first.size = glyph.size;
  first.style = style;
  if (glyph.columns < 2) return;
  has_wide_ = true;
  Cell& second = cell(column + 1, row);
  second = Cell{};
  second.bytes = {};
  second.size = 0;
  second.style = style;
}

/// Of a wide glyph that loses one half, the other becomes a blank.
void Frame::clear_halves(std::size_t column, std::size_t row) {
  const auto blank = [&](Cell& half) {
    const Style style = half.style;
    half = Cell{};
    half.style = style;
  };
  if (cell(column, row).size == 0 && column > 0) blank(cell(column - 1, row));
  if (column + 1 < size_.columns && cell(column + 1, row).size == 0) blank(cell(column + 1, row));
}

void Frame::shade(std::size_t column, std::size_t row, std::size_t columns, Colour paper) {
  if (row >= size_.rows) return;
  const std::size_t end = std::min(size_.columns, column + columns);
  for (std::size_t i = column; i < end; ++i) cell(i, row).style.paper = paper;
}

std::string Frame::row_text(std::size_t row) const {
  std::string text;
  for (std::size_t i = 0; i < size_.columns; ++i) text += at(i, row).text();
  const auto last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string::npos ? 0 : last + 1);
}

Pen::Pen(Frame& frame, std::size_t row, std::size_t column)
    : Pen(frame, row, column, frame.size().columns) {}

Pen::Pen(Frame& frame, std::size_t row, std::size_t column, std::size_t end)
    : frame_(frame),
      row_(row),
      column_(std::min(column, frame.size().columns)),
      end_(std::clamp(end, column_, frame.size().columns)) {}

Pen& Pen::text(std::string_view text, Style style) {
  column_ += frame_.put(column_, row_, text, style, room());
  return *this;
}

Pen& Pen::field(std::string_view text, std::size_t columns, Align align, Style style) {
  columns = std::min(columns, room());
  if (columns == 0) return *this;
  const std::size_t wanted = columns_of(text);
  const std::size_t blanks = columns - std::min(columns, wanted);
  const std::size_t start = column_ + (align == Align::right ? blanks : 0);
  if (wanted <= columns) {
    frame_.put(start, row_, text, style, columns);
  } else {
    const std::size_t used = frame_.put(start, row_, text, style, columns - 1);
    frame_.put(start + used, row_, frame_.unicode() ? "…" : "~", style, 1);
  }
  return skip(columns);
}

Pen& Pen::skip(std::size_t columns) {
  column_ += std::min(columns, room());
  return *this;
}

}  // namespace plimsoll
