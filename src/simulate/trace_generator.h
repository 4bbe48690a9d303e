#pragma once

#include <cstddef>
#include <cstdint>

#include "simulate/trace.h"

namespace plimsoll {

/// How generated workloads behave.
enum class TraceKind {
  /// CPU jumps and falls back: most of the time low, now and then a burst of some steps, as
  /// PlanetLab's do.
  bursty,
  /// CPU and memory drift slowly around a level of their own, with a daily wave, as those made of
  /// Google's cluster data do.
  smooth,
};

/// A trace of the same character as the published ones, for tests: nothing of them is in it. The
/// same seed gives the same trace everywhere.
[[nodiscard]] Trace generate_trace(TraceKind kind, std::size_t workloads, std::size_t steps,
                                   std::uint64_t seed);

}  // namespace plimsoll
