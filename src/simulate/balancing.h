#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "simulate/trace.h"

namespace plimsoll {

/// A fixed fleet of hosts and what runs there, step by step, as a policy is tried on it. CPU in one
/// unit throughout, memory in bytes.
struct BalancingFleet {
  struct Host {
    std::string name;
    double cpu = 0;
    double memory = 0;              ///< 0: it never binds.
    std::vector<double> other_cpu;  ///< In use besides the workloads, by step; empty: nothing.
  };
  struct Workload {
    std::string name;
    double move_bytes = 0;      ///< What a move of it has to carry.
    std::vector<double> share;  ///< CPU by step, as a share of `cpu_size`.
    double cpu_size = 1;
    std::vector<double> memory;  ///< Bytes in use by step; empty: `move_bytes` all the time.
    std::size_t start = 0;       ///< Host at the start.

    [[nodiscard]] double cpu(std::size_t step) const { return share[step] * cpu_size; }
    [[nodiscard]] double memory_at(std::size_t step) const {
      return memory.empty() ? move_bytes : memory[step];
    }
  };

  std::string name;
  std::size_t steps = 0;
  double step_s = 300;
  std::vector<Host> hosts;
  std::vector<Workload> workloads;
};

/// One workload to another host, by position.
struct Relocation {
  std::size_t workload = 0;
  std::size_t to = 0;
  friend bool operator==(const Relocation&, const Relocation&) = default;
};
using WorkloadHosts = std::vector<std::size_t>;  ///< Host of each workload.

/// Decides in balancing mode. One object serves one run.
class Balancer {
 public:
  virtual ~Balancer() = default;
  /// Called with step = 0, 1, … once the samples of `step` are known and no later ones; what it
  /// gives counts as done before step + 1. In the order in which they are to be done.
  virtual std::vector<Relocation> after(std::size_t step, const WorkloadHosts& placement) = 0;
};

/// The fleet of a trace at a density (the yardstick's balancing mode): hosts of 3720 and 5320
/// alternately, so many (an even number) that the mean demand of all workloads is at most `density`
/// of their capacity; four types of workloads by quarters of the trace; each workload in order of
/// size where (requested + size) / capacity is lowest.
/// Source: machines and workload types of Beloglazov & Buyya 2012, MIPS and MB; a trace with memory
/// gets hosts of 16 GB.
/// Errors: invalid - density outside (0, 1], or more than 20,000 hosts would be needed.
[[nodiscard]] Result<BalancingFleet> balancing_fleet(const Trace& trace, double density);

}  // namespace plimsoll
