#include "decide/at_risk.h"

#include <limits>

#include "decide/by_spread.h"
#include "decide/detect.h"
#include "decide/scalar.h"

namespace plimsoll {

OverLine::OverLine(const Ledger& ledger) : ledger_(ledger), without_cpu_(ledger.policy()) {
  without_cpu_.line.cpu = std::numeric_limits<double>::infinity();
}

bool OverLine::is_hot(std::size_t host) {
  if (!ledger_.book(host).seen.hot) return false;
  return stands_.empty() || is_steady(host) || is_hot_without_cpu(host);
}

bool OverLine::is_steady(std::size_t host) const {
  const double capacity = ledger_.book(host).state->capacity.cpu_cores.value_or(0);
  return steadily_over(stands_[host], capacity, ledger_.policy().line.cpu);
}

bool OverLine::is_hot_without_cpu(std::size_t host) {
  const HostBook& book = ledger_.book(host);
  if (level_of(book.seen.used, without_cpu_).value_or(0) <= 1) return false;
  if (quiet_.empty()) quiet_ = quiet_times(ledger_.fleet(), HostIndex{ledger_.fleet()});
  return held_over_line(*book.state, without_cpu_, ledger_.now(), quiet_[host]).enough;
}

void mark_at_risk(const Ledger& ledger, const RiskBook& book, std::vector<HostAssessment>& hosts) {
  const double price = price_of_move(ledger.policy());
  for (const std::size_t host : ledger.by_name()) {
    HostAssessment& seen = hosts[book.rank(host)];
    seen.risk = book.risk(host);
    seen.hot = !seen.stale && *seen.risk > price;
  }
}

std::vector<HostAssessment> assess_by_spread(const Ledger& ledger) {
  const RiskBook book{ledger};
  std::vector<HostAssessment> hosts;
  hosts.reserve(ledger.by_name().size());
  for (const std::size_t host : ledger.by_name()) hosts.push_back(ledger.book(host).seen);
  mark_at_risk(ledger, book, hosts);
  OverLine over{ledger};
  over.judge_by(book.stands());
  for (const std::size_t host : ledger.by_name()) {
    if (over.is_hot(host)) hosts[book.rank(host)].hot = true;
  }
  return hosts;
}

}  // namespace plimsoll
