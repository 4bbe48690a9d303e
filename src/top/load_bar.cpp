#include "top/load_bar.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace plimsoll {
namespace {

constexpr std::array<std::string_view, 9> eighths{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr std::size_t whole = 8;

struct Look {
  std::string_view mark, full, empty;
};
constexpr Look unicode_look{"│", "█", "·"};
constexpr Look ascii_look{"|", "#", "."};

}  // namespace

void draw_bar(Frame& frame, std::size_t column, std::size_t row, std::size_t columns,
              const LoadBar& bar) {
  if (columns == 0) return;
  const Look& look = frame.unicode() ? unicode_look : ascii_look;
  const auto width = static_cast<double>(columns);
  const double filled = std::isfinite(bar.filled) ? std::clamp(bar.filled, 0.0, 1.0) : 0;
  const auto parts = static_cast<std::size_t>(std::lround(filled * width * whole));
  const auto mark =
      std::min(columns - 1, static_cast<std::size_t>(std::clamp(bar.mark, 0.0, 1.0) * width));
  for (std::size_t i = 0; i < columns; ++i) {
    const std::size_t part = std::min(whole, parts - std::min(parts, i * whole));
    const bool covered = part * 2 >= whole;
    if (i == mark) {
      frame.put(column + i, row, look.mark,
                {Colour::bright, covered ? bar.colour : Colour::track, true}, 1);
    } else if (part == whole || (covered && !frame.unicode())) {
      frame.put(column + i, row, look.full, {bar.colour, Colour::track}, 1);
    } else if (part == 0 || !frame.unicode()) {
      frame.put(column + i, row, look.empty, {Colour::track, Colour::track}, 1);
    } else {
      frame.put(column + i, row, eighths.at(part), {bar.colour, Colour::track}, 1);
    }
  }
}

}  // namespace plimsoll
