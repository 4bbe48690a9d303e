#include "simulate/balancing_run.h"

#include <cassert>
#include <utility>

namespace plimsoll {

std::vector<Relocation> IdleBalancer::after(std::size_t /*step*/,
                                            const WorkloadHosts& /*placement*/) {
  return {};
}

BalancingRun run_balancing(const BalancingFleet& fleet, Balancer& balancer,
                           const Stopwatch& stopwatch) {
  WorkloadHosts placement;
  for (const auto& workload : fleet.workloads) placement.push_back(workload.start);
  FigureKeeper keeper{fleet};
  double spent = 0;
  for (std::size_t step = 0; step + 1 < fleet.steps; ++step) {
    const double begun = stopwatch();
    const auto moves = balancer.after(step, placement);
    spent += stopwatch() - begun;
    for (const auto& move : moves) {
      assert(move.workload < placement.size() && move.to < fleet.hosts.size());
      const std::size_t from = std::exchange(placement[move.workload], move.to);
      assert(from != move.to);
      keeper.move(step, from, move);
    }
    keeper.score(step + 1, placement);
  }
  BalancingRun run;
  run.fleet = fleet.name;
  run.hosts = fleet.hosts.size();
  run.workloads = fleet.workloads.size();
  run.figures = keeper.figures();
  run.figures.decision_us = spent / static_cast<double>(fleet.steps - 1) * 1e6;
  run.steps = keeper.steps();
  return run;
}

}  // namespace plimsoll
