#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "top/figures.h"
#include "top/panes.h"

namespace plimsoll {
namespace {

std::string bytes_text(const MoveLine& move) {
  std::string text = format_bytes(count(move.moved));
  if (move.stage == MoveLine::Stage::succeeded || count(move.predicted_bytes) == 0) return text;
  return text + " of ~" + format_bytes(count(move.predicted_bytes));
}

std::string time_text(const MoveLine& move) {
  switch (move.stage) {
    case MoveLine::Stage::waiting:
      return fmt::format("plimsoll approve {}", move.id);
    case MoveLine::Stage::under_way:
      if (!move.doing.empty()) return short_duration(move.elapsed) + ", " + move.doing;
      return short_duration(move.elapsed) +
             (move.predicted_s > 0 ? fmt::format(" of ~{:.0f} s", move.predicted_s) : "");
    case MoveLine::Stage::succeeded:
      return fmt::format("{}, stopped {:.1f} s", short_duration(move.elapsed), move.downtime_s);
    case MoveLine::Stage::failed:
      return move.error.empty() ? short_duration(move.elapsed) : move.error;
  }
  return {};
}

struct Mark {
  std::string_view sign;
  Colour colour;
};

Mark mark_of(MoveLine::Stage stage, bool unicode) {
  switch (stage) {
    case MoveLine::Stage::waiting:
      return {"?", Colour::near};
    case MoveLine::Stage::under_way:
      return {unicode ? "→" : ">", Colour::accent};
    case MoveLine::Stage::succeeded:
      return {unicode ? "✓" : "+", Colour::calm};
    case MoveLine::Stage::failed:
      return {"!", Colour::over};
  }
  return {" ", Colour::plain};
}

/// Columns for what all moves have, by the longest of each.
struct Widths {
  std::size_t container = 9;
  std::size_t way = 12;
  std::size_t state = 8;
  bool short_bytes = false;
};

std::string way_of(const MoveLine& move, bool unicode) {
  return move.from + (unicode ? " → " : " > ") + move.to;
}

Widths widths_for(const std::vector<MoveLine>& moves, std::size_t columns, bool unicode) {
  Widths widths;
  for (const auto& move : moves) {
    widths.container = std::max(widths.container, columns_of(move.container));
    widths.way = std::max(widths.way, columns_of(way_of(move, unicode)));
    widths.state = std::max(widths.state, columns_of(move.state));
  }
  widths.container = std::min(widths.container, std::max<std::size_t>(9, columns / 6));
  widths.way = std::min(widths.way, std::max<std::size_t>(12, columns / 4));
  widths.short_bytes = columns < 100;
  return widths;
}

void draw_move(Frame& frame, std::size_t row, const MoveLine& move, const Widths& widths) {
  const Mark mark = mark_of(move.stage, frame.unicode());
  draw_marks(frame, row, false, mark.sign, mark.colour);
  Pen pen{frame, row, marks_columns};
  pen.field(move.container, widths.container, Align::left).skip(1);
  pen.field(way_of(move, frame.unicode()), widths.way, Align::left).skip(1);
  pen.field(move.state, widths.state, Align::left, {mark.colour});
  const bool has_bytes =
      move.stage == MoveLine::Stage::under_way || move.stage == MoveLine::Stage::succeeded;
  if (has_bytes && widths.short_bytes) {
    pen.skip(1).field(format_bytes(count(move.moved)), 8, Align::right);
  } else if (has_bytes) {
    pen.skip(1).field(bytes_text(move), 20, Align::right);
  }
  pen.skip(2);
  if (pen.room() < 4) return;
  pen.field(time_text(move), pen.room(), Align::left, {Colour::soft});
}

std::string heading_of(const TopData& data, std::size_t shown) {
  const auto count = [&](MoveLine::Stage stage) {
    return std::count_if(data.moves.begin(), data.moves.end(),
                         [&](const MoveLine& move) { return move.stage == stage; });
  };
  const auto under_way = count(MoveLine::Stage::under_way);
  const auto waiting = count(MoveLine::Stage::waiting);
  std::string text = "MOVES";
  if (under_way > 0) text += fmt::format("  {} under way", under_way);
  if (waiting > 0) text += fmt::format("  {} waiting", waiting);
  if (data.moves.size() > shown) text += fmt::format("  +{}", data.moves.size() - shown);
  return text;
}

}  // namespace

void draw_moves(Frame& frame, Pane pane, const TopData& data) {
  if (pane.rows == 0) return;
  const std::size_t columns = frame.size().columns;
  const std::size_t shown = std::min(pane.rows - 1, data.moves.size());
  Pen pen{frame, pane.row, marks_columns};
  pen.field(heading_of(data, shown), pen.room(), Align::left, {Colour::soft});
  const Widths widths = widths_for(data.moves, columns, frame.unicode());
  for (std::size_t i = 0; i < shown; ++i) {
    draw_move(frame, pane.row + 1 + i, data.moves[i], widths);
  }
}

}  // namespace plimsoll
