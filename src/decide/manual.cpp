#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "decide/by_spread.h"
#include "decide/decide.h"
#include "decide/eligible.h"
#include "decide/feasible.h"
#include "decide/ledger.h"
#include "decide/movable.h"
#include "decide/place.h"
#include "decide/reason.h"
#include "decide/risk_book.h"

namespace plimsoll {
namespace {

std::string list_names(const HostState& host) {
  constexpr std::size_t named = 8;
  std::vector<std::string> names;
  names.reserve(host.containers.size());
  for (const ContainerState& container : host.containers) names.push_back(container.name.str());
  std::sort(names.begin(), names.end());
  if (names.empty()) return "it has none";
  std::string text = "it has " + names.front();
  for (std::size_t i = 1; i < std::min(named, names.size()); ++i) text += ", " + names[i];
  return names.size() > named ? fmt::format("{} and {} more", text, names.size() - named) : text;
}

class Manual {
 public:
  Manual(const FleetSnapshot& fleet, const Policy& policy, TimePoint now, const ManualMove& wanted)
      : ledger_(fleet, policy, now), plan_(ledger_, now), wanted_(wanted) {}

  Plan take() {
    const auto from = host(wanted_.from);
    if (!from || !may_give(*from)) return std::move(plan_.plan());
    const ContainerState* container = find(*from);
    if (!container || !movable(*container, *from)) return std::move(plan_.plan());
    move(*container, *from);
    return std::move(plan_.plan());
  }

 private:
  void refuse(const std::optional<HostId>& host, Rule rule, const std::string& detail) {
    plan_.plan().rejected.push_back({host, wanted_.container, rule, detail});
  }

  std::optional<std::size_t> host(const HostId& name) {
    const auto found = ledger_.find(name);
    if (!found) {
      refuse(name, Rule::unknown,
             fmt::format("no host '{}': host.csv does not name it", printable(name.str())));
    }
    return found;
  }

  bool may_give(std::size_t from) {
    const HostBook& book = ledger_.book(from);
    if (book.state->detailed) return true;
    refuse(book.state->name, Rule::not_read, "its Docker data was not read");
    return false;
  }

  const ContainerState* find(std::size_t from) {
    const HostState& state = *ledger_.book(from).state;
    const auto found =
        std::find_if(state.containers.begin(), state.containers.end(),
                     [&](const ContainerState& each) { return each.name == wanted_.container; });
    if (found != state.containers.end()) return &*found;
    refuse(state.name, Rule::unknown,
           fmt::format("no container '{}' there: {}", printable(wanted_.container.str()),
                       list_names(state)));
    return nullptr;
  }

  bool movable(const ContainerState& container, std::size_t from) {
    const HostState& state = *ledger_.book(from).state;
    bool fine = true;
    auto obstacles = held_back(ledger_, container, from, Occasion::by_hand);
    if (auto bound = bound_to_others(container, state)) obstacles.push_back(std::move(*bound));
    for (const Obstacle& obstacle : obstacles) {
      if (wanted_.force && may_be_forced(obstacle.rule)) continue;
      refuse(state.name, obstacle.rule, obstacle.detail);
      fine = false;
    }
    return fine;
  }

  void move(const ContainerState& container, std::size_t from) {
    const bool by_spread = wanted_.decided && judged_by_spread(ledger_.fleet(), ledger_.policy());
    Search search{
        .strictness = {.limits = false, .force = wanted_.force, .cpu_by_spread = by_spread},
        .only = std::nullopt};
    if (wanted_.to) {
      search.only = host(*wanted_.to);
      if (!search.only) return;
    }
    const Traveller traveller = plimsoll::traveller(ledger_, container, from);
    Placement placement = place(ledger_, traveller, search);
    const auto to = placement.to;
    if (!to) return say_no_host(from, container, placement);
    if (by_spread && brings_risk(traveller, *to)) return;
    const std::string choice = describe_choice(ledger_, *to, placement);
    Move move = make_move(ledger_, traveller, *to, std::move(placement));
    move.ask = false;
    move.reason =
        fmt::format("{}; {}", by_hand_reason,
                    wanted_.to ? move.considered.front().host.str() + " was named" : choice);
    plan_.plan().moves.push_back(std::move(move));
  }

  /// To a host that would be at more risk than the giver is, and at more than a move is worth.
  bool brings_risk(const Traveller& traveller, std::size_t to) {
    const RiskBook book{ledger_};
    const Resident* resident = book.find(wanted_.container, traveller.from);
    if (resident == nullptr) return false;
    const double after = book.risk_with(to, resident->outlook);
    const double may = std::max(book.risk(traveller.from), price_of_move(ledger_.policy()));
    if (after <= may) return false;
    const Refusal refusal{Rule::risk, after, may};
    refuse(ledger_.book(to).state->name, Rule::risk, describe(refusal, ledger_, traveller, to));
    return true;
  }

  void say_no_host(std::size_t from, const ContainerState& container, const Placement& placement) {
    plan_.reject_placement(container, placement);
    if (wanted_.to) return;
    plan_.reject_container(from, container, Rule::no_destination,
                           "no host may take it: " + summarise_refusals(placement));
  }

  Ledger ledger_;
  PlanBuilder plan_;
  const ManualMove& wanted_;
};

}  // namespace

Plan explain_manual(const FleetSnapshot& fleet, const Policy& policy, TimePoint now,
                    const ManualMove& wanted) {
  return Manual{fleet, policy, now, wanted}.take();
}

}  // namespace plimsoll
