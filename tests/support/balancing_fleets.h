#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "core/units.h"
#include "simulate/balancing_run.h"

namespace plimsoll {

/// A fleet of hosts of 100 each, for tests: workloads of size 1 with the CPU they use step by step.
class FleetOf100s {
 public:
  explicit FleetOf100s(std::size_t hosts, std::size_t steps = 2) {
    fleet_.name = "tiny";
    fleet_.steps = steps;
    for (std::size_t h = 0; h < hosts; ++h) {
      fleet_.hosts.push_back({fmt::format("h{}", h), 100, 0, {}});
    }
  }
  FleetOf100s& workload(std::size_t host, std::vector<double> cpu, double gib_moved = 1) {
    cpu.resize(fleet_.steps, cpu.back());
    BalancingFleet::Workload workload;
    workload.name = fmt::format("w{}", fleet_.workloads.size());
    workload.share = std::move(cpu);
    workload.start = host;
    workload.move_bytes = gib_moved * static_cast<double>(gib);
    fleet_.workloads.push_back(std::move(workload));
    return *this;
  }
  BalancingFleet& get() { return fleet_; }

 private:
  BalancingFleet fleet_;
};

inline Stopwatch stopped_watch() {
  return [] { return 0.0; };
}

/// Does what it was told, step by step.
class ScriptedBalancer : public Balancer {
 public:
  explicit ScriptedBalancer(std::vector<std::vector<Relocation>> script)
      : script_(std::move(script)) {}
  std::vector<Relocation> after(std::size_t step, const WorkloadHosts& /*placement*/) override {
    return step < script_.size() ? script_[step] : std::vector<Relocation>{};
  }

 private:
  std::vector<std::vector<Relocation>> script_;
};

}  // namespace plimsoll
