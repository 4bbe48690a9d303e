#include "decide/rebalance.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/text.h"
#include "decide/movable.h"
#include "decide/predict.h"
#include "decide/scalar.h"
#include "decide/unit.h"

namespace plimsoll {
namespace {

/// Givers that are asked, the most loaded first. Ours.
constexpr std::size_t givers_max = 8;

bool came_by_move(const FleetSnapshot& fleet, const ContainerState& container, const HostId& to) {
  return std::any_of(fleet.past.begin(), fleet.past.end(), [&](const PastMove& move) {
    return move.succeeded && move.to == to && move.container == container.name;
  });
}

/// Nothing runs there, or only what moves have brought: it is still being filled.
bool is_new(const FleetSnapshot& fleet, const HostState& host) {
  return std::none_of(host.containers.begin(), host.containers.end(),
                      [&](const ContainerState& each) {
                        return each.state == "running" && !each.obstacles.is_plimsoll &&
                               !came_by_move(fleet, each, host.name);
                      });
}

class Rebalance {
 public:
  Rebalance(Ledger& ledger, PlanBuilder& plan)
      : ledger_(ledger), policy_(ledger.policy()), plan_(plan) {}

  void run() {
    const auto receivers = new_hosts();
    if (receivers.empty()) return;
    for (const std::size_t giver : most_loaded()) {
      if (rests(giver)) return;
      std::optional<Choice> best;
      for (const Unit& unit : units_of(*ledger_.book(giver).state)) {
        if (!may_move(unit, giver)) continue;
        for (const std::size_t to : receivers) consider(unit, giver, to, best);
      }
      if (best) return take(giver, *best);
    }
  }

 private:
  struct Choice {
    Unit unit;
    std::size_t to;
    double gain;   ///< Less its cost, as a share of the giver's level.
    double giver;  ///< Levels afterwards.
    double receiver;
  };

  [[nodiscard]] double level(std::size_t host) const {
    return level_of(ledger_.book(host).load, policy_).value_or(0);
  }

  [[nodiscard]] bool is_known(std::size_t host) const {
    const HostBook& book = ledger_.book(host);
    return !book.seen.stale && book.state->detailed && !book.state->drained;
  }

  /// Nobody while a host is over its line.
  [[nodiscard]] std::vector<std::size_t> most_loaded() const {
    std::vector<std::size_t> givers;
    for (const std::size_t host : ledger_.by_name()) {
      if (ledger_.book(host).seen.over_line) return {};
      if (is_known(host) && level(host) >= policy_.rebalance_from) {
        givers.push_back(host);
      }
    }
    std::stable_sort(givers.begin(), givers.end(),
                     [&](std::size_t a, std::size_t b) { return level(a) > level(b); });
    if (givers.size() > givers_max) givers.resize(givers_max);
    return givers;
  }

  [[nodiscard]] bool rests(std::size_t host) const {
    const auto& last = ledger_.book(host).last_move;
    return last && ledger_.now() - *last < policy_.host_cooldown;
  }

  [[nodiscard]] std::vector<std::size_t> new_hosts() const {
    std::vector<std::size_t> found;
    for (const std::size_t host : ledger_.by_name()) {
      if (is_known(host) && is_new(ledger_.fleet(), *ledger_.book(host).state)) {
        found.push_back(host);
      }
    }
    return found;
  }

  [[nodiscard]] bool may_move(const Unit& unit, std::size_t giver) const {
    return std::all_of(unit.members.begin(), unit.members.end(), [&](const auto* member) {
      return held_back(ledger_, *member, giver, Occasion::by_itself).empty();
    });
  }

  void consider(const Unit& unit, std::size_t giver, std::size_t to, std::optional<Choice>& best) {
    const Company company{ledger_, unit, giver};
    const auto verdict = judge_company(ledger_, company, to, Strictness{});
    const auto* offer = std::get_if<CompanyOffer>(&verdict);
    if (!offer) return;
    const HostBook& book = ledger_.book(giver);
    const Utilisation after = with_demand(book.load, company.demand(), book.state->capacity, -1);
    const double before = level(giver);
    const double left = level_of(after, policy_).value_or(0);
    const double there = offer->back().level_after;
    const double gain = (before - std::max(left, there)) / before;
    const double net = gain - cost_of(total_of(*offer), policy_);
    if (gain < policy_.min_gain || net <= 0 || (best && net <= best->gain)) return;
    best = Choice{unit, to, net, left, there};
  }

  void take(std::size_t giver, const Choice& choice) {
    const Company company{ledger_, choice.unit, giver};
    auto verdict = judge_company(ledger_, company, choice.to, Strictness{});
    CompanyPlacement placement;
    placement.to = choice.to;
    placement.offer = std::get<CompanyOffer>(std::move(verdict));
    placement.feasible = 1;
    const std::string to = ledger_.book(choice.to).state->name.str();
    const std::string from = ledger_.book(giver).state->name.str();
    placement.considered.push_back(
        {.host = HostId{to},
         .refused = std::nullopt,
         .because = fmt::format("it is new; then at {:.2f} of its line", choice.receiver),
         .predicted = total_of(placement.offer),
         .level_after = choice.receiver});
    auto moves =
        carry_out(ledger_, company, placement,
                  fmt::format("{} runs {} yet, and {} is at {:.2f} of its line: with {} there they "
                              "are at {:.2f} and {:.2f}",
                              to, already(choice.to), from, level(giver),
                              describe_unit(choice.unit), choice.receiver, choice.giver));
    std::move(moves.begin(), moves.end(), std::back_inserter(plan_.plan().moves));
  }

  [[nodiscard]] std::string already(std::size_t host) const {
    const auto& containers = ledger_.book(host).state->containers;
    const bool any = std::any_of(containers.begin(), containers.end(),
                                 [](const auto& each) { return each.state == "running"; });
    return any ? "only what was moved there" : "nothing";
  }

  Ledger& ledger_;
  const Policy& policy_;
  PlanBuilder& plan_;
};

}  // namespace

void rebalance(Ledger& ledger, PlanBuilder& plan) {
  if (!ledger.policy().rebalance || ledger.moves() > 0) return;
  Rebalance{ledger, plan}.run();
}

std::optional<HostId> rebalance_giver(const FleetSnapshot& fleet,
                                      const std::vector<HostAssessment>& hosts,
                                      const Policy& policy) {
  if (!policy.rebalance || !fleet.under_way.empty()) return std::nullopt;
  const bool somebody_is_new = std::any_of(
      fleet.hosts.begin(), fleet.hosts.end(),
      [&](const HostState& host) { return host.up && !host.drained && is_new(fleet, host); });
  const HostAssessment* worst = nullptr;
  for (const HostAssessment& host : hosts) {
    if (host.over_line) return std::nullopt;
    if (!host.stale && host.level && (!worst || *host.level > *worst->level)) worst = &host;
  }
  if (!somebody_is_new || !worst || *worst->level < policy.rebalance_from) return std::nullopt;
  return worst->host;
}

}  // namespace plimsoll
