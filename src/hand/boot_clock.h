#pragma once

#include "core/time.h"

namespace plimsoll {

/// Time since the machine was started, asleep or not. Nobody can set this clock, so what a lease
/// or a grant lasts is counted by it, never by the wall clock.
///
/// Source: CLOCK_BOOTTIME, clock_gettime(2).
[[nodiscard]] Duration boot_clock_now();

/// Sleeps until that time of the boot clock, or until a signal comes. Blocks: until then.
void sleep_until_boot_time(Duration when);

}  // namespace plimsoll
