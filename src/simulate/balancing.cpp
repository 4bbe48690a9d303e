#include "simulate/balancing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "core/units.h"

namespace plimsoll {
namespace {

struct WorkloadType {
  double cpu;
  double memory_mb;
};

// Types and machines of Beloglazov & Buyya 2012.
constexpr std::array<WorkloadType, 4> types{{{2500, 870}, {2000, 1740}, {1000, 1740}, {500, 613}}};
constexpr std::array<double, 2> host_cpu{3720, 5320};
constexpr double mean_host_cpu = (host_cpu[0] + host_cpu[1]) / 2;
constexpr double host_memory = 16.0 * static_cast<double>(gib);
constexpr std::size_t hosts_max = 20'000;

BalancingFleet::Workload workload_of(const TraceRow& row, const WorkloadType& type) {
  BalancingFleet::Workload workload;
  workload.name = row.name;
  workload.cpu_size = type.cpu;
  workload.move_bytes = type.memory_mb * static_cast<double>(mib);
  workload.share = row.cpu;
  for (const double share : row.memory) workload.memory.push_back(share * workload.move_bytes);
  return workload;
}

double mean_demand(const BalancingFleet& fleet) {
  double sum = 0;
  for (const auto& workload : fleet.workloads) {
    for (std::size_t step = 0; step < fleet.steps; ++step) sum += workload.cpu(step);
  }
  return sum / static_cast<double>(fleet.steps);
}

/// The largest first, each where the requested share is lowest then.
void place_all(BalancingFleet& fleet) {
  std::vector<std::size_t> order(fleet.workloads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return fleet.workloads[a].cpu_size > fleet.workloads[b].cpu_size;
  });
  std::vector<double> requested(fleet.hosts.size());
  for (const std::size_t which : order) {
    auto& workload = fleet.workloads[which];
    const auto after = [&](std::size_t host) {
      return (requested[host] + workload.cpu_size) / fleet.hosts[host].cpu;
    };
    for (std::size_t host = 1; host < fleet.hosts.size(); ++host) {
      if (after(host) < after(workload.start)) workload.start = host;
    }
    requested[workload.start] += workload.cpu_size;
  }
}

}  // namespace

Result<BalancingFleet> balancing_fleet(const Trace& trace, double density) {
  if (!(density > 0 && density <= 1)) {
    return Error{Errc::invalid, fmt::format("a density of {} is not between 0 and 1", density)};
  }
  BalancingFleet fleet;
  fleet.name = trace.name;
  fleet.steps = trace.steps;
  const std::size_t quarter = (trace.rows.size() + types.size() - 1) / types.size();
  for (std::size_t row = 0; row < trace.rows.size(); ++row) {
    fleet.workloads.push_back(workload_of(trace.rows[row], types[row / quarter]));
  }
  const double demand = mean_demand(fleet);
  std::size_t count = host_cpu.size();
  while (demand > density * static_cast<double>(count) * mean_host_cpu) {
    count += host_cpu.size();
    if (count > hosts_max) {
      return Error{Errc::invalid, fmt::format("{} at a density of {} would need more than {} hosts",
                                              trace.name, density, hosts_max)};
    }
  }
  for (std::size_t host = 0; host < count; ++host) {
    const double memory = trace.has_memory() ? host_memory : 0;
    fleet.hosts.push_back(
        {fmt::format("h{:05}", host + 1), host_cpu[host % host_cpu.size()], memory, {}});
  }
  place_all(fleet);
  return fleet;
}

}  // namespace plimsoll
