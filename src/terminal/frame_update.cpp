#include "terminal/frame_update.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace plimsoll {
namespace {

/// The codes of a colour for 16 and for 256 colours; empty: the terminal's own.
struct Codes {
  std::string_view ink_16, ink_256, paper_16, paper_256;
};
using Palette = std::array<Codes, colour_count>;

/// In the order of Colour.
constexpr Palette palette{{
    {"", "", "", ""},
    {";2", ";38;5;245", "", ""},
    {";36", ";38;5;73", ";46", ";48;5;73"},
    {";33", ";38;5;215", ";43", ";48;5;215"},
    {";31", ";38;5;203", ";41", ";48;5;203"},
    {";34", ";38;5;110", ";44", ";48;5;110"},
    {";97", ";38;5;231", ";107", ";48;5;231"},
    {"", ";38;5;238", "", ";48;5;236"},
    {"", ";38;5;237", "", ";48;5;237"},
}};

const Codes& codes_of(Colour colour) { return palette.at(static_cast<std::size_t>(colour)); }

void append_style(std::string& out, const Style& style, ColourDepth depth) {
  out += "\x1b[0";
  if (style.bold) out += ";1";
  if (style.reverse) out += ";7";
  switch (depth) {
    case ColourDepth::none:
      if (style.ink == Colour::soft) out += ";2";
      break;
    case ColourDepth::sixteen:
      out += codes_of(style.ink).ink_16;
      out += codes_of(style.paper).paper_16;
      break;
    case ColourDepth::many:
      out += codes_of(style.ink).ink_256;
      out += codes_of(style.paper).paper_256;
      break;
  }
  out += 'm';
}

/// A letter that is one column wide wherever it is shown: ASCII, our arrows, lines and blocks.
bool is_certain(std::string_view text) {
  if (text.size() == 1) return true;
  if (text.size() != 3 || text[0] != '\xe2') return false;
  return text[1] == '\x94' || text[1] == '\x95' || text[1] == '\x96';
}

class Update {
 public:
  Update(const Frame& shown, const Frame& wanted, ColourDepth depth)
      : shown_(shown), wanted_(wanted), depth_(depth) {}

  std::string take() {
    for (std::size_t row = 0; row < wanted_.size().rows; ++row) update_row(row);
    if (style_ != Style{}) append_style(out_, {}, depth_);
    return std::move(out_);
  }

 private:
  void update_row(std::size_t row);
  void write(std::size_t column, std::size_t row);
  void go_to(std::size_t column, std::size_t row);
  [[nodiscard]] bool can_pass_over(std::size_t column, std::size_t row) const;
  void set_style(const Style& style);
  [[nodiscard]] bool differs(std::size_t column, std::size_t row) const {
    return shown_.at(column, row) != wanted_.at(column, row);
  }
  [[nodiscard]] std::size_t blank_from(std::size_t row) const;

  const Frame& shown_;
  const Frame& wanted_;
  ColourDepth depth_;
  std::string out_;
  Style style_;
  /// Where the terminal's cursor stands. Nothing: not known for certain.
  std::optional<std::size_t> column_;
  std::size_t row_ = 0;
};

/// The column from which on the row shall be empty.
std::size_t Update::blank_from(std::size_t row) const {
  std::size_t column = wanted_.size().columns;
  while (column > 0 && wanted_.at(column - 1, row) == Cell{}) --column;
  return column;
}

void Update::update_row(std::size_t row) {
  const std::size_t columns = wanted_.size().columns;
  const std::size_t blank = blank_from(row);
  std::size_t column = 0;
  for (; column < blank; ++column) {
    if (differs(column, row)) write(column, row);
  }
  while (column < columns && !differs(column, row)) ++column;
  if (column == columns) return;
  go_to(column, row);
  set_style({});
  out_ += "\x1b[K";
}

void Update::write(std::size_t column, std::size_t row) {
  const Cell& cell = wanted_.at(column, row);
  // The right half of a wide glyph came with its left half, which must differ as well.
  if (cell.size == 0) return;
  go_to(column, row);
  set_style(cell.style);
  out_ += cell.text();
  const std::size_t columns = wanted_.size().columns;
  const bool wide = column + 1 < columns && wanted_.at(column + 1, row).size == 0;
  const std::size_t next = column + (wide ? 2 : 1);
  // In the last column the cursor stays where it is.
  if (is_certain(cell.text()) && next < columns) {
    column_ = next;
  } else {
    column_.reset();
  }
}

/// A few letters that stand there already cost less than a command to pass over them.
bool Update::can_pass_over(std::size_t column, std::size_t row) const {
  if (!column_ || row_ != row || *column_ > column || column - *column_ > 4) return false;
  for (std::size_t i = *column_; i < column; ++i) {
    const Cell& cell = wanted_.at(i, row);
    if (cell.size != 1 || cell.style != style_) return false;
  }
  return true;
}

void Update::go_to(std::size_t column, std::size_t row) {
  if (can_pass_over(column, row)) {
    for (std::size_t i = column_.value_or(column); i < column; ++i)
      out_ += wanted_.at(i, row).text();
  } else if (column_ && row_ == row && *column_ < column) {
    fmt::format_to(std::back_inserter(out_), "\x1b[{}C", column - *column_);
  } else {
    fmt::format_to(std::back_inserter(out_), "\x1b[{};{}H", row + 1, column + 1);
  }
  column_ = column;
  row_ = row;
}

void Update::set_style(const Style& style) {
  if (style == style_) return;
  append_style(out_, style, depth_);
  style_ = style;
}

}  // namespace

std::string update(const Frame& shown, const Frame& wanted, ColourDepth depth) {
  return Update{shown, wanted, depth}.take();
}

std::string repaint(const Frame& wanted, ColourDepth depth) {
  return "\x1b[0m\x1b[2J" + update(Frame{wanted.size()}, wanted, depth);
}

}  // namespace plimsoll
