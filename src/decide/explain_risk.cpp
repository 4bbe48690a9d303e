#include "decide/explain_risk.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "decide/by_spread.h"

namespace plimsoll {

RiskWords::RiskWords(const Ledger& ledger, const Plan& plan)
    : ledger_(ledger), plan_(plan), price_(price_of_move(ledger.policy())) {
  if (judged_by_spread(ledger.fleet(), ledger.policy())) book_.emplace(ledger);
}

bool RiskWords::is_in_need(std::size_t host) const {
  const HostId& name = ledger_.book(host).state->name;
  const auto seen = std::ranges::find(plan_.hosts, name, &HostAssessment::host);
  return decide() ? seen->hot : seen->over_line;
}

std::string RiskWords::no_need(std::size_t host) const {
  if (!decide()) return "no need: it is not over its line";
  return fmt::format("no need: its risk is {:.3f}, it is relieved from {:.3f} on",
                     book_->risk(host), price_);
}

void RiskWords::add(std::vector<std::string>& lines, std::size_t host) const {
  const HostAssessment& seen = ledger_.book(host).seen;
  const Policy& policy = ledger_.policy();
  if (decide()) {
    lines.push_back(book_->describe(host));
    lines.push_back(
        fmt::format("with what it is expected to lie above its line that is a risk of "
                    "{:.3f}; it is relieved from {:.3f} on",
                    book_->risk(host), price_));
  }
  if (decide() && seen.sudden) {
    lines.push_back(
        fmt::format("its CPU was over {:.4g} % in {} of the last {} samples: what its "
                    "containers used of late counts",
                    policy.line.cpu, policy.hold.k, policy.hold.n));
  }
  if (seen.expected && (decide() || policy.forecast)) {
    lines.push_back(fmt::format("its CPU is foreseen at {:.1f} % in {}, give or take {:.1f}",
                                seen.expected->expected, format_duration(policy.window),
                                seen.expected->error));
  }
}

std::string RiskWords::room(std::size_t host, const std::string& memory) const {
  const Policy& policy = ledger_.policy();
  return fmt::format(
      "yes, from hosts at more risk than its own {:.3f}: {} fit below {:.4g} % memory",
      book_->risk(host), memory, policy.line.memory * policy.target);
}

std::string RiskWords::gain(const ContainerState& container, std::size_t from,
                            const HostId& to) const {
  const auto there = ledger_.find(to);
  if (!decide() || !there) return {};
  const RiskBook::Range range = book_->residents_of(from);
  for (std::uint32_t i = range.first; i < range.last; ++i) {
    const Resident& resident = book_->resident(i);
    if (resident.container->name != container.name || resident.gone) continue;
    const double before = book_->risk(from) + book_->risk(*there);
    const double after =
        book_->risk_without(from, resident.outlook) + book_->risk_with(*there, resident.outlook);
    if (after >= before) return "; that would not lower the risk of both hosts together";
    return fmt::format("; that lowers the risk of both hosts together by {:.3f}, of {:.3f} wanted",
                       before - after, price_);
  }
  return {};
}

}  // namespace plimsoll
