#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulate/balancing.h"

namespace plimsoll {

/// What a baseline expects a workload to use in the next step.
enum class Expectation {
  mean,    ///< The mean of its last samples.
  spread,  ///< The same, and for the host as a whole a margin from the spread of its workloads.
  next,    ///< What it will really use: a bound, since nobody can know that.
};

/// A plain policy to be measured against. All of them share one greedy rule:
///
/// A host is too full when what is expected on it is above `line` of its capacity. Such hosts are
/// taken the fullest first (by share of capacity). Of its workloads one is taken that is enough by
/// itself: the one with the fewest bytes to move, of these the one expected to use least, of these
/// the one that came to the host first. Where none is enough, the one expected to use most. It goes
/// where the share of capacity is lowest after it, if that is not above `line` there, and its
/// memory fits; if it fits nowhere, the next one in that order is tried. So on until the host is at
/// its line, or nothing is left to try. Workloads expected to use nothing stay.
///
/// Source: found by trying rules until the yardstick's figures came out.
struct BaselineRule {
  std::string name;
  std::string summary;  ///< For people, one line.
  Expectation expectation = Expectation::mean;
  double line = 0.8;             ///< Share of capacity.
  std::size_t mean_samples = 1;  ///< Fewer at the start.
  std::size_t spread_samples = 0;
  double deviations = 0;  ///< Of the spread, as a margin.
  std::size_t rest = 0;   ///< A workload moves at most once in so many steps.
};

/// The baselines of the yardstick's table, in its order, without "no migration".
[[nodiscard]] const std::vector<BaselineRule>& baseline_rules();

/// Requires: `fleet` outlives what is given.
[[nodiscard]] std::unique_ptr<Balancer> make_baseline(const BalancingFleet& fleet,
                                                      const BaselineRule& rule);

}  // namespace plimsoll
