#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace plimsoll {

/// What one workload used, step by step, as shares of its own size.
/// Unit: 1 is all of its size.
struct TraceRow {
  std::string name;
  std::vector<double> cpu;
  std::vector<double> memory;  ///< Empty: not recorded, and it is taken to use all of its size.
};

/// A recorded day of workloads, in the order of the file. All rows have `steps` values.
struct Trace {
  std::string name;  ///< The file's, for people.
  std::size_t steps = 0;
  std::vector<TraceRow> rows;
  [[nodiscard]] bool has_memory() const { return !rows.empty() && !rows.front().memory.empty(); }
};

/// How much a trace may be. Ours: some ten times what the published ones have.
struct TraceLimits {
  std::size_t line_bytes = 256 << 10;
  std::size_t rows = 50'000;
  std::size_t steps = 20'000;
  std::size_t values = 20'000'000;                ///< Rows times steps, CPU and memory together.
  std::size_t file_bytes = std::size_t{1} << 30;  ///< Unpacked.
};

/// Reads one of the two forms of a trace, a workload a row:
///
///     NAME,u0,u1,…                          CPU in percent of the workload's size
///     NAME,cpu,u0,u1,…  NAME,mem,u0,u1,…    CPU and memory in tenths of a percent; both rows, the
///                                           CPU's first, next to each other
///
/// Values are whole or decimal numbers; what is above 1000 tenths counts as 1000, since jobs may
/// use more than they asked for. No header; LF or CRLF.
/// Source: the first is how CoMon's PlanetLab days are published (Beloglazov & Buyya 2012), the
/// second was made of Google's cluster data of 2011.
/// Errors: malformed - another form, with "NAME:LINE"; too_large - past a limit, the same.
[[nodiscard]] Result<Trace> read_trace(std::istream& in, const std::string& name,
                                       const TraceLimits& limits = {});

/// The same from a file; one whose name ends in ".zst" is unpacked on the way.
/// Errors: as read_trace; not_found, io.
[[nodiscard]] Result<Trace> read_trace_file(const std::string& path,
                                            const TraceLimits& limits = {});

}  // namespace plimsoll
