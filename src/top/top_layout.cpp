#include "top/top_layout.h"

#include <algorithm>

namespace plimsoll {
namespace {

constexpr std::size_t facts_full = 6;

std::size_t facts_rows(const TopState& state, std::size_t rows) {
  if (state.screen != TopScreen::host || rows < 6) return 0;
  return rows >= 16 ? facts_full : 1;
}

/// A heading and a row each, as long as most of the screen is left to the list.
std::size_t move_rows(const TopData& data, std::size_t room) {
  if (data.moves.empty() || room < 6) return 0;
  return std::min(data.moves.size() + 1, room / 3);
}

}  // namespace

TopLayout layout_of(const TopState& state, const TopData& data, ScreenSize size) {
  TopLayout layout;
  if (size.rows < 2) return layout;
  std::size_t room = size.rows - 1;
  layout.footer = size.rows >= 4 ? 1 : 0;
  layout.heading = size.rows >= 3 ? 1 : 0;
  layout.facts = facts_rows(state, size.rows);
  room -= layout.footer + layout.heading + layout.facts;
  layout.moves = move_rows(data, room);
  layout.list = room - layout.moves;
  return layout;
}

}  // namespace plimsoll
