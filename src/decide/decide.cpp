#include "decide/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/text.h"
#include "decide/by_spread.h"
#include "decide/detect.h"
#include "decide/gate.h"
#include "decide/history.h"
#include "decide/ledger.h"
#include "decide/movable.h"
#include "decide/reason.h"
#include "decide/rebalance.h"
#include "decide/relieve.h"
#include "decide/scalar.h"
#include "decide/spread.h"
#include "decide/together.h"

namespace plimsoll {
namespace {

void note_silent(const Ledger& ledger, PlanBuilder& plan) {
  for (const std::size_t host : ledger.by_name()) {
    const HostAssessment& seen = ledger.book(host).seen;
    if (seen.stale) plan.reject_host(host, Rule::silent, describe_silence(seen));
  }
}

void note_not_held(const Ledger& ledger, std::size_t host, PlanBuilder& plan) {
  const HostBook& book = ledger.book(host);
  const Hold& hold = ledger.policy().hold;
  const bool moved = book.last_move || book.moves > 0;
  plan.reject_host(
      host, Rule::not_held,
      fmt::format("at {}, over it in {} of the last {} evaluations, {} are needed{}",
                  describe_load(book.seen.used, ledger.policy()), book.seen.held, hold.n, hold.k,
                  moved ? "; what a move of its own disturbed does not count" : ""));
}

void note_unsteady(const Ledger& ledger, std::size_t host, const Outlook& expected,
                   PlanBuilder& plan) {
  const HostBook& book = ledger.book(host);
  plan.reject_host(
      host, Rule::not_held,
      fmt::format("at {}, but not steadily: {} is expected to use {:.3g} cores, give or take "
                  "{:.2g}; moves begin when it is likely to want more than it has, or lies over "
                  "its line all the time",
                  describe_load(book.seen.used, ledger.policy()), book.state->name.str(),
                  expected.mean, std::sqrt(expected.variance)));
}

double level(const Ledger& ledger, std::size_t host) {
  return level_of(ledger.book(host).load, ledger.policy()).value_or(0);
}

/// Which hosts are over their lines, and are to be relieved for it.
class OverLines {
 public:
  explicit OverLines(const Ledger& ledger) : ledger_(ledger), without_cpu_(ledger.policy()) {
    without_cpu_.line.cpu = std::numeric_limits<double>::infinity();
  }
  /// CPU that is judged by spread counts only where it lies over its line steadily.
  void judge_by(std::vector<SpreadStand> expected) { expected_ = std::move(expected); }

  /// Worst first, as they were before anything is planned; equal ones by name.
  std::vector<std::size_t> hot(PlanBuilder& plan) {
    std::vector<std::size_t> hot;
    for (std::size_t rank = 0; rank < ledger_.by_name().size(); ++rank) {
      const std::size_t host = ledger_.by_name()[rank];
      const HostAssessment& seen = ledger_.book(host).seen;
      if (seen.hot && (expected_.empty() || is_steady(host) || is_hot_without_cpu(host))) {
        hot.push_back(host);
        plan.plan().hosts[rank].hot = true;
      } else if (seen.hot) {
        note_unsteady(ledger_, host, expected_[host].expected, plan);
        unsteady_.push_back(host);
      } else if (seen.over_line) {
        note_not_held(ledger_, host, plan);
      }
    }
    std::stable_sort(hot.begin(), hot.end(), [&](std::size_t a, std::size_t b) {
      return level(ledger_, a) > level(ledger_, b);
    });
    return hot;
  }
  /// After hot(): those whose CPU was over its line and held there, but not all the time.
  [[nodiscard]] const std::vector<std::size_t>& unsteady() const { return unsteady_; }

 private:
  [[nodiscard]] bool is_steady(std::size_t host) const {
    const double capacity = ledger_.book(host).state->capacity.cpu_cores.value_or(0);
    return steadily_over(expected_[host], capacity, ledger_.policy().line.cpu);
  }

  [[nodiscard]] bool is_hot_without_cpu(std::size_t host) {
    const HostBook& book = ledger_.book(host);
    if (level_of(book.seen.used, without_cpu_).value_or(0) <= 1) return false;
    if (quiet_.empty()) quiet_ = quiet_times(ledger_.fleet(), HostIndex{ledger_.fleet()});
    return held_over_line(*book.state, without_cpu_, ledger_.now(), quiet_[host]).enough;
  }

  const Ledger& ledger_;
  Policy without_cpu_;
  std::vector<SpreadStand> expected_;
  std::vector<QuietTime> quiet_;
  std::vector<std::size_t> unsteady_;
};

}  // namespace

Plan decide(const FleetSnapshot& fleet, const Policy& policy, TimePoint now) {
  Ledger ledger{fleet, policy, now};
  PlanBuilder plan{ledger, now};
  const bool stopped = fleet_is_silent(ledger, plan);
  note_silent(ledger, plan);
  if (stopped) return std::move(plan.plan());
  if (const auto quiet = quiet_now(ledger)) {
    plan.reject_fleet(quiet->rule, quiet->detail);
    return std::move(plan.plan());
  }
  Budget budget{.searches = policy.searches_max};
  OverLines over_lines{ledger};
  if (judged_by_spread(fleet, policy)) {
    over_lines.judge_by(relieve_by_spread(ledger, plan));
  }
  for (const std::size_t host : over_lines.hot(plan)) relieve(ledger, host, budget, plan);
  relieve_by_units(ledger, over_lines.unsteady(), budget, plan);
  rebalance(ledger, plan);
  return std::move(plan.plan());
}

std::vector<HostAssessment> assess(const FleetSnapshot& fleet, const Policy& policy,
                                   TimePoint now) {
  const auto quiet = quiet_times(fleet, HostIndex{fleet});
  std::vector<HostAssessment> hosts;
  hosts.reserve(fleet.hosts.size());
  for (std::size_t i = 0; i < fleet.hosts.size(); ++i) {
    hosts.push_back(assess_host(fleet.hosts[i], policy, now, quiet[i]));
  }
  std::sort(hosts.begin(), hosts.end(),
            [](const HostAssessment& a, const HostAssessment& b) { return a.host < b.host; });
  return hosts;
}

}  // namespace plimsoll
