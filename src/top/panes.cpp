#include "top/panes.h"

namespace plimsoll {

void draw_marks(Frame& frame, std::size_t row, bool chosen, std::string_view sign, Colour colour) {
  Pen pen{frame, row};
  if (chosen) pen.text(frame.unicode() ? "▸" : ">", {Colour::accent, Colour::plain, true});
  Pen{frame, row, 2}.text(sign, {colour, Colour::plain, true});
}

std::string heading_text(std::string_view words, bool sorted, const Sorting& sorting,
                         bool unicode) {
  if (!sorted) return std::string{words};
  const bool upwards = sorting.reversed != (sorting.key == SortKey::name);
  const std::string_view arrow = unicode ? (upwards ? "↑" : "↓") : (upwards ? "^" : "v");
  return std::string{words} + std::string{arrow};
}

void shade_chosen(Frame& frame, std::size_t row) {
  for (std::size_t i = 0; i < frame.size().columns; ++i) {
    if (frame.at(i, row).style.paper == Colour::plain) frame.shade(i, row, 1, Colour::cursor);
  }
}

}  // namespace plimsoll
