#include "decide/decide.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "decide/detect.h"
#include "decide/ledger.h"
#include "decide/reason.h"
#include "decide/relieve.h"
#include "decide/scalar.h"

namespace plimsoll {
namespace {

std::string describe_silence(const HostAssessment& seen) {
  if (!seen.age) return "it was never heard of: neither gives nor receives";
  return fmt::format("{}last heard {} ago: neither gives nor receives",
                     seen.up ? "" : "it does not answer; ", format_duration(*seen.age));
}

void note_silent(const Ledger& ledger, PlanBuilder& plan) {
  for (const std::size_t host : ledger.by_name()) {
    const HostAssessment& seen = ledger.book(host).seen;
    if (seen.stale) plan.reject_host(host, Rule::silent, describe_silence(seen));
  }
}

/// Hosts that should speak: a drained one may be silent for good reason.
bool fleet_is_silent(const Ledger& ledger, PlanBuilder& plan) {
  std::size_t hosts = 0;
  std::size_t silent = 0;
  for (const std::size_t host : ledger.by_name()) {
    if (ledger.book(host).state->drained) continue;
    ++hosts;
    if (ledger.book(host).seen.stale) ++silent;
  }
  if (ledger.by_name().empty()) {
    plan.reject_fleet(Rule::silent_fleet, "the fleet has no hosts");
    return true;
  }
  if (hosts == 0) return false;
  const double share = 100.0 * static_cast<double>(silent) / static_cast<double>(hosts);
  if (share <= ledger.policy().silent_stop) return false;
  plan.reject_fleet(
      Rule::silent_fleet,
      fmt::format("{} of {} hosts are silent, more than {:.4g} %: nothing moves until "
                  "it is known how they stand",
                  silent, hosts, ledger.policy().silent_stop));
  return true;
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

double level(const Ledger& ledger, std::size_t host) {
  return level_of(ledger.book(host).load, ledger.policy()).value_or(0);
}

/// Worst first, as they were before anything is planned; equal ones by name.
std::vector<std::size_t> hot_hosts(const Ledger& ledger, PlanBuilder& plan) {
  std::vector<std::size_t> hot;
  for (const std::size_t host : ledger.by_name()) {
    const HostAssessment& seen = ledger.book(host).seen;
    if (seen.hot) {
      hot.push_back(host);
    } else if (seen.over_line) {
      note_not_held(ledger, host, plan);
    }
  }
  std::stable_sort(hot.begin(), hot.end(), [&](std::size_t a, std::size_t b) {
    return level(ledger, a) > level(ledger, b);
  });
  return hot;
}

}  // namespace

Plan decide(const FleetSnapshot& fleet, const Policy& policy, TimePoint now) {
  Ledger ledger{fleet, policy, now};
  PlanBuilder plan{ledger, now};
  const bool stopped = fleet_is_silent(ledger, plan);
  note_silent(ledger, plan);
  if (stopped) return std::move(plan.plan());
  Budget budget{.searches = policy.searches_max};
  for (const std::size_t host : hot_hosts(ledger, plan)) relieve(ledger, host, budget, plan);
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
