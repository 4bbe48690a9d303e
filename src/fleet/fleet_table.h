#pragma once

#include <string>

#include "fleet/fleet_view.h"

namespace plimsoll {

struct TableStyle {
  std::size_t width = 80;
  std::size_t height = 0;  ///< Lines at most; 0: as many as there are.
  bool colour = false;
  bool unicode = true;
};

/// The fleet as `plimsoll top` shows it: a bar a host against its line, then the containers that
/// use most. Every line ends in a newline and none is wider than the style's width.
[[nodiscard]] std::string render_fleet_table(const FleetView& view, const TableStyle& style);

}  // namespace plimsoll
