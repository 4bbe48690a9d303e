#include "decide/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
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

double level(const Ledger& ledger, std::size_t host) {
  return level_of(ledger.book(host).load, ledger.policy()).value_or(0);
}

/// How hosts stand without their CPU, which is judged otherwise.
class WithoutCpu {
 public:
  explicit WithoutCpu(const Ledger& ledger) : ledger_(ledger), policy_(ledger.policy()) {
    policy_.line.cpu = std::numeric_limits<double>::infinity();
  }

  [[nodiscard]] HostAssessment of(std::size_t host) {
    HostAssessment seen = ledger_.book(host).seen;
    seen.over_line = !seen.stale && level_of(seen.used, policy_).value_or(0) > 1;
    seen.hot = false;
    if (!seen.over_line) return seen;
    if (quiet_.empty()) quiet_ = quiet_times(ledger_.fleet(), HostIndex{ledger_.fleet()});
    const HostState& state = *ledger_.book(host).state;
    const Held held = held_over_line(state, policy_, ledger_.now(), quiet_[host]);
    seen.hot = held.enough;
    return seen;
  }

 private:
  const Ledger& ledger_;
  Policy policy_;
  std::vector<QuietTime> quiet_;
};

/// Worst first, as they were before anything is planned; equal ones by name.
std::vector<std::size_t> hot_hosts(const Ledger& ledger, bool by_spread, PlanBuilder& plan) {
  std::vector<std::size_t> hot;
  std::optional<WithoutCpu> without_cpu;
  if (by_spread) without_cpu.emplace(ledger);
  for (const std::size_t host : ledger.by_name()) {
    const HostAssessment seen = without_cpu ? without_cpu->of(host) : ledger.book(host).seen;
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
  if (const auto quiet = quiet_now(ledger)) {
    plan.reject_fleet(quiet->rule, quiet->detail);
    return std::move(plan.plan());
  }
  Budget budget{.searches = policy.searches_max};
  const bool by_spread = judged_by_spread(fleet, policy);
  if (by_spread) {
    relieve_by_spread(ledger, plan);
    relieve_by_units(ledger, budget, plan);
  }
  for (const std::size_t host : hot_hosts(ledger, by_spread, plan))
    relieve(ledger, host, budget, plan);
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
