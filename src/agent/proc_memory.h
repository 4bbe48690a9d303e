#pragma once

#include <string_view>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Source: /proc/meminfo. Without MemAvailable (kernels before 3.14): free + buffers + cached.
/// Errors: malformed - no MemTotal.
[[nodiscard]] Result<MemoryReading> parse_meminfo(std::string_view text);

/// Source: /proc/pressure/* and a cgroup's *.pressure (psi.rst).
/// Errors: malformed - no "some" line with its averages.
struct PressureFile {
  Pressure averages;
  StallTotals totals;
};
[[nodiscard]] Result<PressureFile> parse_pressure(std::string_view text);

struct LoadAverage {
  double load1 = 0, load5 = 0, load15 = 0;
};
/// Source: /proc/loadavg. Errors: malformed.
[[nodiscard]] Result<LoadAverage> parse_loadavg(std::string_view text);

}  // namespace plimsoll
