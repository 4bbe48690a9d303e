#include "decide/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/text.h"
#include "decide/labels.h"
#include "decide/reason.h"

namespace plimsoll {
namespace {

using Members = std::vector<const ContainerState*>;

bool by_name(const ContainerState* a, const ContainerState* b) { return a->name < b->name; }

bool may_start(const ContainerState& container, const std::set<std::string>& waiting) {
  const std::vector<std::string> needs = needs_of(container);
  return std::none_of(needs.begin(), needs.end(),
                      [&](const std::string& need) { return waiting.contains(need); });
}

/// Services that are not started yet, without that of the container itself.
std::set<std::string> waiting_beside(const Members& left, const ContainerState* than) {
  std::set<std::string> services;
  for (const ContainerState* other : left) {
    const std::string* service = other == than ? nullptr : service_of(*other);
    if (service) services.insert(*service);
  }
  return services;
}

/// Again and again the first by name whose needs have started; in a circle the first by name.
Members in_start_order(Members left) {
  std::sort(left.begin(), left.end(), by_name);
  Members ordered;
  ordered.reserve(left.size());
  while (!left.empty()) {
    const auto ready = std::find_if(left.begin(), left.end(), [&](const ContainerState* each) {
      return may_start(*each, waiting_beside(left, each));
    });
    const auto next = ready == left.end() ? left.begin() : ready;
    ordered.push_back(*next);
    left.erase(next);
  }
  return ordered;
}

/// Beyond this a group keeps to the order of names: no project is as large.
constexpr std::size_t ordered_members_max = 64;

Unit make_unit(const std::string& name, Members members) {
  if (members.size() == 1) return {{}, std::move(members)};
  if (members.size() <= ordered_members_max) return {name, in_start_order(std::move(members))};
  std::sort(members.begin(), members.end(), by_name);
  return {name, std::move(members)};
}

/// Leaves out what an earlier container of the company brings along.
void lighten(ContainerState& container, std::set<std::string>& images,
             std::set<std::uint64_t>& chains) {
  const bool known = !container.image_id.empty() && !images.insert(container.image_id).second;
  if (known) {
    container.image_bytes = Bytes{};
    container.layers.clear();
  }
  for (Layer& layer : container.layers) {
    if (!chains.insert(layer.chain).second) layer.bytes = Bytes{};
  }
}

Entry entry_of(const Traveller& traveller, std::size_t to, const Prediction& predicted,
               bool counts) {
  Entry entry = plimsoll::entry_of(traveller, to, predicted.written);
  entry.counts = counts;
  return entry;
}

struct Bid {
  std::size_t host = 0;
  CompanyOffer offer;
  Prediction total;
};

bool quicker(const Bid& a, const Bid& b) { return a.total.transfer_s < b.total.transfer_s; }

double level_after(const Bid& bid) { return bid.offer.back().level_after; }

void choose_quickest(std::vector<Bid>& bids, const Policy& policy) {
  std::stable_sort(bids.begin(), bids.end(), quicker);
  const double limit = bids.front().total.transfer_s * (1 + policy.tie_share) + policy.tie_seconds;
  const auto slower = std::find_if(bids.begin(), bids.end(),
                                   [&](const Bid& bid) { return bid.total.transfer_s > limit; });
  const auto chosen = std::min_element(bids.begin(), slower, [](const Bid& a, const Bid& b) {
    return level_after(a) < level_after(b);
  });
  std::rotate(bids.begin(), chosen, chosen + 1);
}

void choose_fullest(std::vector<Bid>& bids) {
  std::stable_sort(bids.begin(), bids.end(),
                   [](const Bid& a, const Bid& b) { return level_after(a) > level_after(b); });
}

Verdict verdict_of(const Bid& bid, const Ledger& ledger) {
  return {.host = ledger.book(bid.host).state->name,
          .refused = std::nullopt,
          .because = fmt::format("{}: {}; then at {:.2f} of its line", describe_sending(bid.total),
                                 format_seconds(bid.total.transfer_s), level_after(bid)),
          .predicted = bid.total,
          .level_after = level_after(bid)};
}

Verdict verdict_of(const CompanyRefusal& refused, std::size_t host, const Ledger& ledger,
                   const Company& company) {
  const Traveller& traveller = company.travellers().at(refused.member);
  std::string because = describe(refused.refusal, ledger, traveller, host);
  if (company.travellers().size() > 1) {
    because = fmt::format("{}: {}", traveller.container->name.str(), because);
  }
  return {.host = ledger.book(host).state->name,
          .refused = refused.refusal.rule,
          .because = std::move(because),
          .predicted = {},
          .level_after = 0};
}

}  // namespace

std::vector<Unit> units_of(const HostState& host) {
  std::vector<Unit> units;
  std::map<std::string_view, Members> groups;
  for (const ContainerState& container : host.containers) {
    if (container.state != "running") continue;
    if (const std::string* group = group_of(container)) {
      groups[*group].push_back(&container);
    } else {
      units.push_back({{}, {&container}});
    }
  }
  for (auto& [name, members] : groups) {
    units.push_back(make_unit(std::string{name}, std::move(members)));
  }
  std::sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) {
    return std::tie(a.name, a.members.front()->name) < std::tie(b.name, b.members.front()->name);
  });
  return units;
}

std::string describe_unit(const Unit& unit) {
  if (unit.members.size() == 1) return unit.members.front()->name.str();
  constexpr std::size_t named = 8;
  std::string names;
  for (std::size_t i = 0; i < std::min(named, unit.members.size()); ++i) {
    names += (i == 0 ? "" : ", ") + unit.members[i]->name.str();
  }
  if (unit.members.size() > named) names += fmt::format(", {} more", unit.members.size() - named);
  return fmt::format("'{}' ({})", printable(unit.name), names);
}

Company::Company(const Ledger& ledger, const Unit& unit, std::size_t from)
    : unit_(unit), from_(from) {
  std::set<std::string> images;
  std::set<std::uint64_t> chains;
  lean_.reserve(unit.members.size());
  travellers_.reserve(unit.members.size());
  for (const ContainerState* member : unit.members) {
    lean_.push_back(*member);
    lighten(lean_.back(), images, chains);
    travellers_.push_back(traveller(ledger, lean_.back(), from));
    demand_.cpu_cores += travellers_.back().demand.cpu_cores;
    demand_.memory += travellers_.back().demand.memory;
  }
}

std::variant<CompanyOffer, CompanyRefusal> judge_company(Ledger& ledger, const Company& company,
                                                         std::size_t to, Strictness strictness) {
  CompanyOffer offer;
  const auto& travellers = company.travellers();
  for (std::size_t i = 0; i < travellers.size(); ++i) {
    const auto verdict = judge(ledger, travellers[i], to, strictness);
    if (const auto* refusal = std::get_if<Refusal>(&verdict)) {
      ledger.strike(i);
      return CompanyRefusal{i, *refusal};
    }
    offer.push_back(std::get<Offer>(verdict));
    ledger.enter(entry_of(travellers[i], to, offer.back().predicted, false));
  }
  ledger.strike(travellers.size());
  return offer;
}

Prediction total_of(const CompanyOffer& offer) {
  Prediction total;
  total.measured = true;
  for (const Offer& each : offer) {
    total.bytes += each.predicted.bytes;
    total.written += each.predicted.written;
    total.image_written += each.predicted.image_written;
    total.image_bytes += each.predicted.image_bytes;
    total.transfer_s += each.predicted.transfer_s;
    total.downtime_s += each.predicted.downtime_s;
    total.bytes_per_s = each.predicted.bytes_per_s;
    total.measured = total.measured && each.predicted.measured;
  }
  return total;
}

CompanyPlacement place_company(Ledger& ledger, const Company& company, Strictness strictness,
                               Preference preference) {
  std::vector<Bid> bids;
  std::vector<std::pair<std::size_t, CompanyRefusal>> refused;
  for (const std::size_t host : ledger.by_name()) {
    if (host == company.from()) continue;
    auto verdict = judge_company(ledger, company, host, strictness);
    if (auto* offer = std::get_if<CompanyOffer>(&verdict)) {
      bids.push_back({host, std::move(*offer), {}});
      bids.back().total = total_of(bids.back().offer);
    } else {
      refused.emplace_back(host, std::get<CompanyRefusal>(verdict));
    }
  }
  CompanyPlacement placement;
  placement.feasible = bids.size();
  if (!bids.empty()) {
    preference == Preference::quickest ? choose_quickest(bids, ledger.policy())
                                       : choose_fullest(bids);
    placement.to = bids.front().host;
    placement.offer = bids.front().offer;
  }
  const std::size_t most = ledger.policy().explain_max;
  for (const Bid& bid : bids) {
    if (placement.considered.size() < most) placement.considered.push_back(verdict_of(bid, ledger));
  }
  for (const auto& [host, refusal] : refused) {
    if (placement.considered.size() < most)
      placement.considered.push_back(verdict_of(refusal, host, ledger, company));
  }
  placement.considered_more = bids.size() + refused.size() - placement.considered.size();
  return placement;
}

std::vector<Move> carry_out(Ledger& ledger, const Company& company,
                            const CompanyPlacement& placement, const std::string& reason) {
  std::vector<Move> moves;
  const auto& travellers = company.travellers();
  for (std::size_t i = 0; i < travellers.size(); ++i) {
    const Prediction& predicted = placement.offer.at(i).predicted;
    Placement of_one{.to = placement.to,
                     .predicted = predicted,
                     .feasible = placement.feasible,
                     .equally_quick = 0,
                     .considered = {},
                     .considered_more = 0};
    // What was thought of the hosts is said once for all.
    if (i == 0) {
      of_one.considered = placement.considered;
      of_one.considered_more = placement.considered_more;
    }
    Move move = make_move(ledger, travellers[i], *placement.to, std::move(of_one));
    move.unit = company.unit().name;
    move.order = travellers.size() > 1 ? static_cast<int>(i) + 1 : 0;
    move.reason = reason;
    const bool last = i + 1 == travellers.size();
    ledger.enter(entry_of(travellers[i], *placement.to, predicted, last));
    moves.push_back(std::move(move));
  }
  const bool ask =
      std::any_of(moves.begin(), moves.end(), [](const Move& move) { return move.ask; });
  for (Move& move : moves) move.ask = ask;
  return moves;
}

}  // namespace plimsoll
