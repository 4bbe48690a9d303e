#include "decide/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "core/text.h"
#include "decide/reason.h"

namespace plimsoll {
namespace {

struct Bid {
  std::size_t host = 0;
  Offer offer;
};

struct Refused {
  std::size_t host = 0;
  Refusal refusal;
};

struct Sorted {
  std::vector<Bid> bids;  ///< By name.
  std::vector<Refused> refused;
};

Sorted ask_all(const Ledger& ledger, const Traveller& traveller, const Search& search) {
  Sorted sorted;
  for (const std::size_t host : ledger.by_name()) {
    if (search.only && *search.only != host) continue;
    if (search.except && *search.except == host) continue;
    if (!search.only && host == traveller.from) continue;
    const auto verdict = judge(ledger, traveller, host, search.strictness);
    if (const auto* offer = std::get_if<Offer>(&verdict)) {
      sorted.bids.push_back({host, *offer});
    } else {
      sorted.refused.push_back({host, std::get<Refusal>(verdict)});
    }
  }
  return sorted;
}

bool quicker(const Bid& a, const Bid& b) {
  return a.offer.predicted.transfer_s < b.offer.predicted.transfer_s;
}

bool higher(const Bid& a, const Bid& b) { return a.offer.level_after < b.offer.level_after; }

/// Puts the chosen one first, then the others by time. Gives the number of equally quick ones.
std::size_t rank(std::vector<Bid>& bids, const Policy& policy) {
  std::stable_sort(bids.begin(), bids.end(), quicker);
  const double best = bids.front().offer.predicted.transfer_s;
  const double limit = best * (1 + policy.tie_share) + policy.tie_seconds;
  const auto slower = std::find_if(bids.begin(), bids.end(), [&](const Bid& bid) {
    return bid.offer.predicted.transfer_s > limit;
  });
  const auto chosen = std::min_element(bids.begin(), slower, higher);
  std::rotate(bids.begin(), chosen, chosen + 1);
  return static_cast<std::size_t>(slower - bids.begin());
}

Verdict verdict_of(const Bid& bid, const Ledger& ledger) {
  const Prediction& predicted = bid.offer.predicted;
  return {.host = ledger.book(bid.host).state->name,
          .refused = std::nullopt,
          .because = fmt::format("{}: {}; then at {:.2f} of its line", describe_sending(predicted),
                                 format_seconds(predicted.transfer_s), bid.offer.level_after),
          .predicted = predicted,
          .level_after = bid.offer.level_after};
}

Verdict verdict_of(const Refused& refused, const Ledger& ledger, const Traveller& traveller) {
  return {.host = ledger.book(refused.host).state->name,
          .refused = refused.refusal.rule,
          .because = describe(refused.refusal, ledger, traveller, refused.host),
          .predicted = {},
          .level_after = 0};
}

void explain(const Sorted& sorted, const Ledger& ledger, const Traveller& traveller,
             Placement& placement) {
  const std::size_t most = ledger.policy().explain_max;
  for (const Bid& bid : sorted.bids) {
    if (placement.considered.size() == most) break;
    placement.considered.push_back(verdict_of(bid, ledger));
  }
  for (const Refused& refused : sorted.refused) {
    if (placement.considered.size() == most) break;
    placement.considered.push_back(verdict_of(refused, ledger, traveller));
  }
  placement.considered_more =
      sorted.bids.size() + sorted.refused.size() - placement.considered.size();
}

}  // namespace

Placement place(const Ledger& ledger, const Traveller& traveller, const Search& search) {
  Placement placement;
  Sorted sorted = ask_all(ledger, traveller, search);
  placement.feasible = sorted.bids.size();
  if (!sorted.bids.empty()) {
    placement.equally_quick = rank(sorted.bids, ledger.policy());
    placement.to = sorted.bids.front().host;
    placement.predicted = sorted.bids.front().offer.predicted;
  }
  explain(sorted, ledger, traveller, placement);
  return placement;
}

std::string summarise_refusals(const Placement& placement) {
  return summarise_refusals(placement.considered, placement.considered_more);
}

std::string summarise_refusals(const std::vector<Verdict>& considered, std::size_t more) {
  constexpr std::size_t named = 3;
  if (considered.empty()) return "there is no other host";
  std::string text;
  for (std::size_t i = 0; i < std::min(named, considered.size()); ++i) {
    const Verdict& verdict = considered[i];
    text += fmt::format("{}{}: {}", i == 0 ? "" : "; ", verdict.host.str(), verdict.because);
  }
  const std::size_t all = considered.size() + more;
  return all > named ? fmt::format("{}; {} more", text, all - named) : text;
}

}  // namespace plimsoll
