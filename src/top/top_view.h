#pragma once

#include "terminal/frame.h"
#include "top/top_state.h"

namespace plimsoll {

/// The whole picture of `plimsoll top` on a screen of that size; whatever the size, it fits.
/// Without `unicode` it is made of ASCII alone.
[[nodiscard]] Frame draw_top(const TopState& state, const TopData& data, ScreenSize size,
                             bool unicode);

}  // namespace plimsoll
