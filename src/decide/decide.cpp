#include "decide/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "core/text.h"
#include "decide/at_risk.h"
#include "decide/by_spread.h"
#include "decide/detect.h"
#include "decide/gate.h"
#include "decide/history.h"
#include "decide/ledger.h"
#include "decide/movable.h"
#include "decide/reason.h"
#include "decide/rebalance.h"
#include "decide/relieve.h"
#include "decide/risk_book.h"
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

/// Hosts over their lines, sorted out.
struct OverLines {
  /// To be relieved for it, worst first, as they were before anything is planned; equal ones by
  /// name.
  std::vector<std::size_t> hot;
  /// Their CPU was over its line and held there, but not all the time.
  std::vector<std::size_t> unsteady;
};

OverLines sort_out(const Ledger& ledger, OverLine over, PlanBuilder& plan) {
  OverLines lines;
  for (std::size_t rank = 0; rank < ledger.by_name().size(); ++rank) {
    const std::size_t host = ledger.by_name()[rank];
    const HostAssessment& seen = ledger.book(host).seen;
    if (over.is_hot(host)) {
      lines.hot.push_back(host);
      plan.plan().hosts[rank].hot = true;
    } else if (seen.hot) {
      note_unsteady(ledger, host, over.stand(host).expected, plan);
      lines.unsteady.push_back(host);
    } else if (seen.over_line) {
      note_not_held(ledger, host, plan);
    }
  }
  std::stable_sort(lines.hot.begin(), lines.hot.end(), [&](std::size_t a, std::size_t b) {
    return level(ledger, a) > level(ledger, b);
  });
  return lines;
}

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
  OverLine over{ledger};
  std::optional<RiskBook> risks;
  if (judged_by_spread(fleet, policy)) {
    risks.emplace(ledger);
    over.judge_by(relieve_by_spread(ledger, *risks, plan));
    ledger.watch(&*risks);
  }
  const OverLines lines = sort_out(ledger, std::move(over), plan);
  for (const std::size_t host : lines.hot) relieve(ledger, host, budget, plan);
  relieve_by_units(ledger, lines.unsteady, budget, plan);
  rebalance(ledger, plan);
  return std::move(plan.plan());
}

std::vector<HostAssessment> assess(const FleetSnapshot& fleet, const Policy& policy,
                                   TimePoint now) {
  if (judged_by_spread(fleet, policy)) return assess_by_spread(Ledger{fleet, policy, now});
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
