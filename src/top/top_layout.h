#pragma once

#include "terminal/frame.h"
#include "top/top_state.h"

namespace plimsoll {

/// Which rows of the screen belong to what, from top to bottom; a part without rows is not shown.
/// The footer is the last row of the screen.
struct TopLayout {
  std::size_t facts = 0;  ///< Rows about the chosen host, below the title.
  std::size_t heading = 0;
  std::size_t list = 0;
  std::size_t moves = 0;  ///< With a heading.
  std::size_t footer = 0;

  [[nodiscard]] std::size_t facts_row() const { return 1; }
  [[nodiscard]] std::size_t heading_row() const { return 1 + facts; }
  [[nodiscard]] std::size_t list_row() const { return heading_row() + heading; }
  [[nodiscard]] std::size_t moves_row() const { return list_row() + list; }
};

[[nodiscard]] TopLayout layout_of(const TopState& state, const TopData& data, ScreenSize size);

}  // namespace plimsoll
