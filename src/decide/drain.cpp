#include "decide/drain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "core/text.h"
#include "decide/exchange.h"
#include "decide/gate.h"
#include "decide/history.h"
#include "decide/movable.h"
#include "decide/reason.h"
#include "decide/unit.h"

namespace plimsoll {
namespace {

/// Exchanges that one drain may look for. Ours.
constexpr int exchange_tries = 200;
constexpr Strictness by_hand{.limits = false, .force = false, .to_the_line = false};

/// A company's share of a host of the fleet's mean size, its worst resource: what is large is
/// placed first.
double size_of(const Company& company, const HostState& host) {
  const Demand& demand = company.demand();
  const double cores = host.capacity.cpu_cores.value_or(1);
  const double memory = as_double(host.capacity.memory.value_or(Bytes{gib}));
  return std::max(demand.cpu_cores / std::max(cores, 1e-6),
                  as_double(demand.memory) / std::max(memory, 1.0));
}

class Drain {
 public:
  Drain(Ledger& ledger, std::size_t host, PlanBuilder& plan)
      : ledger_(ledger), host_(host), state_(*ledger.book(host).state), plan_(plan) {}

  void run() {
    note_stopped();
    const auto companies = gather();
    Attempt best = attempt(companies, Preference::quickest);
    if (!best.homeless.empty()) {
      Attempt other = attempt(companies, Preference::fullest);
      if (other.homeless.size() < best.homeless.size()) best = std::move(other);
    }
    report(best);
  }

 private:
  using Companies = std::vector<Company>;
  struct Attempt {
    std::vector<Move> moves;
    std::vector<std::pair<const Company*, CompanyPlacement>> homeless;
  };

  void note_stopped() {
    std::vector<const ContainerState*> stopped;
    for (const ContainerState& container : state_.containers) {
      if (container.state != "running") stopped.push_back(&container);
    }
    std::sort(stopped.begin(), stopped.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const ContainerState* container : stopped) {
      plan_.reject_container(
          host_, *container, Rule::not_running,
          fmt::format("it is {}, not running, and stays where it is", printable(container->state)));
    }
  }

  /// All that may move, the largest first, of equal ones by name.
  Companies gather() {
    Companies companies;
    for (const Unit& unit : units_of(state_)) {
      if (!stays(unit)) companies.emplace_back(ledger_, unit, host_);
    }
    std::vector<std::size_t> order(companies.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return size_of(companies[a], state_) > size_of(companies[b], state_);
    });
    Companies sorted;
    sorted.reserve(companies.size());
    for (const std::size_t i : order) sorted.push_back(std::move(companies[i]));
    return sorted;
  }

  bool stays(const Unit& unit) {
    bool stays = false;
    for (const ContainerState* member : unit.members) {
      for (const Obstacle& obstacle : held_back(ledger_, *member, host_, Occasion::by_hand)) {
        stays = true;
        plan_.reject_container(
            host_, *member, obstacle.rule,
            unit.members.size() == 1
                ? obstacle.detail
                : fmt::format("{}; and so all of {} stays", obstacle.detail, describe_unit(unit)));
      }
    }
    return stays;
  }

  /// All companies, one after the other, from the books as they were.
  Attempt attempt(const Companies& companies, Preference preference) {
    Attempt made;
    ExchangeBudget tries{.tries = exchange_tries};
    for (const Company& company : companies) {
      CompanyPlacement placement = place_company(ledger_, company, by_hand, preference);
      if (placement.to) {
        add(made, move(company, placement));
      } else if (auto moves = by_exchange(company, tries); !moves.empty()) {
        add(made, std::move(moves));
      } else {
        made.homeless.emplace_back(&company, std::move(placement));
      }
    }
    ledger_.strike(made.moves.size());
    return made;
  }

  static void add(Attempt& made, std::vector<Move> moves) {
    std::move(moves.begin(), moves.end(), std::back_inserter(made.moves));
  }

  std::vector<Move> move(const Company& company, const CompanyPlacement& placement) {
    const Unit& unit = company.unit();
    const std::string rank = placement.feasible == 1
                                 ? "the only host with room"
                                 : fmt::format("chosen of {} with room", placement.feasible);
    return carry_out(
        ledger_, company, placement,
        fmt::format(
            "{} is drained{}; {} is {}", state_.name.str(),
            unit.members.size() == 1 ? "" : fmt::format(", {} move as one", describe_unit(unit)),
            placement.considered.front().host.str(), rank));
  }

  std::vector<Move> by_exchange(const Company& company, ExchangeBudget& tries) {
    if (company.travellers().size() > 1) return {};
    const auto found =
        find_exchange(ledger_, company.travellers().front(), Occasion::by_hand, tries);
    if (!found) return {};
    return carry_out(
        ledger_, *found,
        fmt::format("{} is drained; {}: {}", state_.name.str(),
                    company.travellers().front().container->name.str(), describe(*found, ledger_)));
  }

  void report(Attempt& best) {
    for (const auto& [company, placement] : best.homeless) {
      plan_.reject_container(
          host_, *company->unit().members.front(), Rule::no_destination,
          fmt::format("no host may take {}: {}",
                      company->travellers().size() > 1 ? "all of " + describe_unit(company->unit())
                                                       : std::string{"it"},
                      summarise_refusals(placement.considered, placement.considered_more)));
    }
    auto& moves = plan_.plan().moves;
    moves = std::move(best.moves);
    for (std::size_t i = 0; i < moves.size(); ++i) moves[i].order = static_cast<int>(i) + 1;
  }

  Ledger& ledger_;
  std::size_t host_;
  const HostState& state_;
  PlanBuilder& plan_;
};

const ContainerState* find_container(const HostState& host, const ContainerName& name) {
  const auto found = std::find_if(host.containers.begin(), host.containers.end(),
                                  [&](const auto& each) { return each.name == name; });
  return found == host.containers.end() ? nullptr : &*found;
}

/// The windows of hosts do not show yet what has just landed there: it counts as under way, from
/// nowhere, and what has just left is still seen.
void keep_in_sight(FleetSnapshot& fleet, const HostId& drained, TimePoint after) {
  const HostIndex index{fleet};
  const auto young =
      std::stable_partition(fleet.past.begin(), fleet.past.end(),
                            [&](const PastMove& move) { return move.finished <= after; });
  for (auto move = young; move != fleet.past.end(); ++move) {
    const auto to = index.find(move->to);
    if (!to || !move->succeeded || move->to == drained) continue;
    const ContainerState* landed = find_container(fleet.hosts[*to], move->container);
    if (!landed) continue;
    const Demand demand{landed->cpu_cores.value_or(0), landed->memory.value_or(Bytes{}), Bytes{}};
    fleet.under_way.push_back({move->container, {}, move->to, demand, {}, move->started});
  }
  fleet.past.erase(young, fleet.past.end());
}

/// A host that is being drained is in nobody's way as a destination.
FleetSnapshot as_drained(const FleetSnapshot& fleet, const HostId& host, TimePoint judged_after) {
  FleetSnapshot drained = fleet;
  for (HostState& state : drained.hosts) {
    if (state.name == host) state.drained = true;
  }
  keep_in_sight(drained, host, judged_after);
  return drained;
}

bool may_give(const Ledger& ledger, std::size_t host, PlanBuilder& plan) {
  const HostBook& book = ledger.book(host);
  if (book.seen.stale) {
    plan.reject_host(host, Rule::silent, describe_silence(book.seen));
    return false;
  }
  if (!book.state->detailed) {
    plan.reject_host(host, Rule::not_read,
                     "its Docker data was not read: what runs there is not known");
    return false;
  }
  return true;
}

}  // namespace

Plan plan_drain(const FleetSnapshot& fleet, const Policy& policy, TimePoint now,
                const HostId& host) {
  const FleetSnapshot drained = as_drained(fleet, host, now - policy.window);
  Ledger ledger{drained, policy, now};
  PlanBuilder plan{ledger, now};
  const bool stopped = fleet_is_silent(ledger, plan);
  const auto found = ledger.find(host);
  if (!found) {
    plan.plan().rejected.push_back(
        {host, std::nullopt, Rule::unknown,
         fmt::format("no host '{}': host.csv does not name it", printable(host.str()))});
  } else if (!stopped && may_give(ledger, *found, plan)) {
    Drain{ledger, *found, plan}.run();
  }
  return std::move(plan.plan());
}

}  // namespace plimsoll
