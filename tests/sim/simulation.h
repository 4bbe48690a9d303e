#pragma once

#include "sim/sim_types.h"
#include "sim/sim_world.h"

namespace plimsoll::move_sim {

struct SimOptions {
  Mutation mutation = Mutation::none;
  bool keep_trace = false;
};

/// How a seed went.
struct SimResult {
  std::string broken;  ///< The first oracle that was broken; empty: none.
  int moves = 0;
  int succeeded = 0;
  int quarantined = 0;
  std::uint64_t digest = 0;  ///< Of everything that happened: equal for equal runs.
  std::string trace;
  Coverage coverage{};
};

/// A workload of one to three members on one of three hosts is moved, in some seeds moved back
/// (`undo`), and cleaned up after, while things go wrong; then the world heals, and everything must
/// have come to its end.
[[nodiscard]] SimResult simulate(std::uint64_t seed, const SimOptions& options = {});

}  // namespace plimsoll::move_sim
