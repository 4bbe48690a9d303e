#include "decide/gate.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {

std::string describe_silence(const HostAssessment& seen) {
  if (!seen.age) return "it was never heard of: neither gives nor receives";
  return fmt::format("{}last heard {} ago: neither gives nor receives",
                     seen.up ? "" : "it does not answer; ", format_duration(*seen.age));
}

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

}  // namespace plimsoll
