#pragma once

#include <cstddef>
#include <vector>

#include "simulate/balancing.h"

namespace plimsoll {

/// How well a fleet was balanced, over all scored steps (YARDSTICK).
struct BalancingFigures {
  double over_100 = 0;      ///< O100: host-steps with a demand above capacity. Unit: percent.
  double over_90 = 0;       ///< O90: above 90 % of it.
  double over_80 = 0;       ///< O80.
  double unserved = 0;      ///< US: demand above capacity, of all demand. Unit: percent.
  std::size_t moves = 0;    ///< M.
  double moved_gib = 0;     ///< Memory in use of what was moved, at the step of its move.
  double spread = 0;        ///< Mean over steps of the s.d. of the hosts' utilisations. Percent.
  double memory_over = 0;   ///< Host-steps with more memory in use than there is. Percent.
  std::size_t returns = 0;  ///< Moves back to a host left at most 6 steps before.
  double decision_us = 0;   ///< Mean time of one decision. Unit: microseconds.
};

/// One scored step, for charts.
struct BalancingStep {
  std::size_t over = 0;   ///< Hosts with a demand above capacity.
  std::size_t moves = 0;  ///< Done just before it.
  /// Utilisation of the hosts, percent: lowest, quartiles, highest.
  double lowest = 0;
  double lower = 0;
  double median = 0;
  double upper = 0;
  double highest = 0;
};

/// Adds up figures step by step.
class FigureKeeper {
 public:
  /// Requires: `fleet` outlives it.
  explicit FigureKeeper(const BalancingFleet& fleet) : fleet_(fleet) {}

  /// A move that is done between `step` and the next. Requires: `from` is where it was.
  void move(std::size_t step, std::size_t from, const Relocation& move);
  /// Scores a step with everything where it stands then.
  void score(std::size_t step, const WorkloadHosts& placement);
  /// The figures so far, without decision_us.
  [[nodiscard]] BalancingFigures figures() const;
  [[nodiscard]] const std::vector<BalancingStep>& steps() const { return steps_; }

 private:
  struct Departure {
    std::size_t workload;
    std::size_t from;
    std::size_t step;
  };
  void count_return(std::size_t step, std::size_t from, const Relocation& move);
  void score_memory(std::size_t step, const WorkloadHosts& placement);

  const BalancingFleet& fleet_;
  std::vector<BalancingStep> steps_;
  std::vector<Departure> departures_;
  std::size_t since_ = 0;  // moves since the last score
  std::size_t over_100_ = 0;
  std::size_t over_90_ = 0;
  std::size_t over_80_ = 0;
  std::size_t memory_over_ = 0;
  std::size_t moves_ = 0;
  std::size_t returns_ = 0;
  double demand_ = 0;
  double unserved_ = 0;
  double moved_bytes_ = 0;
  double spread_sum_ = 0;
};

}  // namespace plimsoll
