#pragma once

#include <cstdint>

namespace plimsoll {

/// What the system says of this process. 0 where it says nothing.
struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;  ///< The limit in force.
  double cpu_s = 0;                  ///< User and system, since its start.
};
/// Source: proc(5), getrlimit(2), getrusage(2).
[[nodiscard]] ProcessStats process_stats();

/// Raises the limit of open files as far as the system lets this user, and gives it.
std::uint64_t raise_open_files_limit();

}  // namespace plimsoll
