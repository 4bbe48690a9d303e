#pragma once

#include <functional>
#include <string>
#include <vector>

#include "simulate/balancing.h"
#include "simulate/figures.h"

namespace plimsoll {

/// One policy on one fleet.
struct BalancingRun {
  std::string policy;
  std::string fleet;
  double density = 0;  ///< 0: a recorded fleet.
  std::size_t hosts = 0;
  std::size_t workloads = 0;
  BalancingFigures figures;
  std::vector<BalancingStep> steps;
};

/// Seconds that have passed, from some moment on: what decisions are timed by.
using Stopwatch = std::function<double()>;

/// Replays a fleet: after the samples of step k the balancer moves what it likes, then step k + 1
/// is scored. A move of a workload to where it is, or of one that does not exist, is our own
/// mistake.
[[nodiscard]] BalancingRun run_balancing(const BalancingFleet& fleet, Balancer& balancer,
                                         const Stopwatch& stopwatch);

/// Moves nothing.
class IdleBalancer : public Balancer {
 public:
  std::vector<Relocation> after(std::size_t step, const WorkloadHosts& placement) override;
};

}  // namespace plimsoll
