#pragma once

#include "terminal/frame.h"
#include "top/top_state.h"

namespace plimsoll {

/// Rows of the screen that a part of the picture may fill.
struct Pane {
  std::size_t row = 0;
  std::size_t rows = 0;
};

/// Each draws its part: a heading in the row above the pane where `heading` says so, then rows.

/// The hosts between two places of `rows`, each with its bar against its line; what there is no
/// room for in the width is left out, the least important first.
void draw_hosts(Frame& frame, Pane pane, bool heading, const TopState& state, const TopData& data,
                const TopRows& rows);
/// Containers likewise; those of all hosts say where they are.
void draw_containers(Frame& frame, Pane pane, bool heading, const TopState& state,
                     const TopData& data, const TopRows& rows);
/// One host: each resource against its own line, and what else is known.
void draw_facts(Frame& frame, Pane pane, const FleetView& view, std::size_t host);
/// Moves under way and waiting, then ended ones; its first row is a heading.
void draw_moves(Frame& frame, Pane pane, const TopData& data);

/// The marks before a row: '▸' where it is chosen (">" without Unicode), then its sign.
void draw_marks(Frame& frame, std::size_t row, bool chosen, std::string_view sign, Colour colour);
inline constexpr std::size_t marks_columns = 4;
/// A heading's words, with an arrow where rows are sorted by it.
[[nodiscard]] std::string heading_text(std::string_view words, bool sorted, const Sorting& sorting,
                                       bool unicode);
/// Where the chosen row's paper goes on to the right end.
void shade_chosen(Frame& frame, std::size_t row);

}  // namespace plimsoll
