#pragma once

#include <string>

#include "terminal/frame.h"

namespace plimsoll {

/// How many colours a terminal shows. Without any, weight and reverse remain.
enum class ColourDepth { none, sixteen, many };

/// What to send to a terminal that shows `shown` so that it shows `wanted`: the cells that differ,
/// nothing else. Starts and ends with the terminal's own style. After each glyph on whose width
/// terminals may disagree the place of the next is given, so that no column slips.
///
/// Source: ECMA-48 CUP, CUF, SGR, EL and ED, and xterm's 256 colours; every terminal in use since
///         the VT100 obeys them (decision 0019).
/// Requires: the frames have the same size.
[[nodiscard]] std::string update(const Frame& shown, const Frame& wanted, ColourDepth depth);

/// The same for a terminal that shows anything.
[[nodiscard]] std::string repaint(const Frame& wanted, ColourDepth depth);

/// Over to the alternate screen: no cursor, and nothing wraps at the end of a row.
inline constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J";
/// Back, as it was. Safe to be sent twice.
inline constexpr std::string_view leave_screen = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

}  // namespace plimsoll
