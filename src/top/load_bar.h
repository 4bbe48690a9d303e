#pragma once

#include "terminal/frame.h"

namespace plimsoll {

/// A bar with a mark on it.
struct LoadBar {
  double filled = 0;  ///< Share of the bar, 0 to 1; what is outside is drawn as its end.
  double mark = 0;    ///< Where the line is, likewise.
  Colour colour = Colour::calm;
};

/// Draws it so many columns wide: in eighths of a column where there is Unicode, else "###|..".
void draw_bar(Frame& frame, std::size_t column, std::size_t row, std::size_t columns,
              const LoadBar& bar);

/// How many times its line a host's bar can show; a third of the bar lies beyond the line.
inline constexpr double bar_full = 1.5;

}  // namespace plimsoll
