#include "decide/together.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>
#include <vector>

#include "core/text.h"
#include "decide/exchange.h"
#include "decide/labels.h"
#include "decide/movable.h"
#include "decide/predict.h"
#include "decide/scalar.h"
#include "decide/unit.h"

namespace plimsoll {
namespace {

/// Excess that is rounding.
constexpr double nothing = 1e-9;
/// Containers of one host for which an exchange is sought. Ours.
constexpr std::size_t stuck_max = 4;

bool has_groups(const HostState& host) {
  return std::any_of(host.containers.begin(), host.containers.end(),
                     [](const ContainerState& each) { return group_of(each) != nullptr; });
}

class Together {
 public:
  Together(Ledger& ledger, std::size_t host, Budget& budget, PlanBuilder& plan)
      : ledger_(ledger),
        policy_(ledger.policy()),
        host_(host),
        state_(*ledger.book(host).state),
        budget_(budget),
        plan_(plan),
        start_(ledger.book(host).load) {}

  void run() {
    move_units();
    if (in_need()) exchange();
  }

  void run_units() {
    if (in_need() && within_limits()) move_units();
  }

 private:
  struct Candidate {
    Company company;
    double relief = 0;
    double seconds = 0;
  };

  [[nodiscard]] const Utilisation& load() const { return ledger_.book(host_).load; }
  [[nodiscard]] bool in_need() const { return excess(load(), policy_) > nothing; }
  [[nodiscard]] bool within_limits() const {
    return ledger_.moves() < policy_.moves_in_fleet &&
           ledger_.book(host_).moves < policy_.moves_per_host && budget_.searches > 0;
  }

  [[nodiscard]] double relief_of(const Demand& demand) const {
    return relief(load(), with_demand(load(), demand, state_.capacity, -1), policy_);
  }

  // --- units ---

  void move_units() {
    std::vector<Candidate> candidates;
    for (const Unit& unit : units_of(state_)) {
      if (unit.members.size() > 1) consider(unit, candidates);
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) {
                       return a.relief / a.seconds > b.relief / b.seconds;
                     });
    for (const Candidate& candidate : candidates) {
      if (!in_need() || !within_limits()) return;
      try_to_move(candidate);
    }
  }

  void consider(const Unit& unit, std::vector<Candidate>& candidates) {
    if (stays(unit)) return;
    Candidate candidate{Company{ledger_, unit, host_}, 0, 0};
    const Demand& demand = candidate.company.demand();
    candidate.relief = relief_of(demand);
    if (candidate.relief < policy_.explain_share * excess(start_, policy_) ||
        candidate.relief <= nothing) {
      return reject(unit, Rule::too_small,
                    fmt::format("{} uses {}: moving it would hardly be felt", describe_unit(unit),
                                describe_demand(demand)));
    }
    for (const Traveller& each : candidate.company.travellers()) {
      const bool elsewhere = ledger_.has_image_elsewhere(each.container->image_id, host_);
      candidate.seconds += least_seconds(*each.container, elsewhere, policy_);
    }
    candidates.push_back(std::move(candidate));
  }

  bool stays(const Unit& unit) {
    bool stays = false;
    for (const ContainerState* member : unit.members) {
      for (const Obstacle& obstacle : held_back(ledger_, *member, host_, Occasion::by_itself)) {
        plan_.reject_container(
            host_, *member, obstacle.rule,
            fmt::format("{}; and so all of {} stays", obstacle.detail, describe_unit(unit)));
        stays = true;
      }
    }
    return stays;
  }

  void reject(const Unit& unit, Rule rule, std::string detail) {
    plan_.reject_container(host_, *unit.members.front(), rule, std::move(detail));
  }

  void try_to_move(const Candidate& candidate) {
    budget_.searches -= static_cast<int>(candidate.company.travellers().size());
    const Unit& unit = candidate.company.unit();
    const auto placement =
        place_company(ledger_, candidate.company, Strictness{}, Preference::quickest);
    if (!placement.to) {
      return reject(
          unit, Rule::no_destination,
          fmt::format("no host may take all of {}: {}", describe_unit(unit),
                      summarise_refusals(placement.considered, placement.considered_more)));
    }
    const Prediction total = total_of(placement.offer);
    const double gain = gain_of(candidate.company.demand());
    if (!worth_its_cost(gain, total, *unit.members.front())) return;
    const std::string before = why_hot();
    const Utilisation after = with_demand(load(), candidate.company.demand(), state_.capacity, -1);
    take(carry_out(
        ledger_, candidate.company, placement,
        fmt::format("{}; {} move as one and take {} off, to {}; {} is {} with room", before,
                    describe_unit(unit), describe_demand(candidate.company.demand()), level(after),
                    placement.considered.front().host.str(),
                    placement.feasible == 1 ? "the only one"
                                            : fmt::format("the best of {}", placement.feasible))));
  }

  // --- exchanges ---

  struct Stuck {
    Traveller traveller;
    double worth = 0;
  };

  /// Those that no host has room for, most relief per second first.
  std::vector<Stuck> stuck() {
    std::vector<Stuck> all;
    for (const ContainerState& container : state_.containers) {
      if (container.state != "running" || planned(container) ||
          bound_to_others(container, state_) ||
          !held_back(ledger_, container, host_, Occasion::by_itself).empty()) {
        continue;
      }
      Traveller traveller = plimsoll::traveller(ledger_, container, host_);
      const double gain = gain_of(traveller.demand);
      if (gain < policy_.min_gain || gain <= nothing) continue;
      const double seconds =
          least_seconds(container, ledger_.has_image_elsewhere(container.image_id, host_), policy_);
      const double worth = relief_of(traveller.demand) / seconds;
      all.push_back({std::move(traveller), worth});
    }
    std::sort(all.begin(), all.end(), [](const Stuck& a, const Stuck& b) {
      return std::tie(b.worth, a.traveller.container->name) <
             std::tie(a.worth, b.traveller.container->name);
    });
    if (all.size() > stuck_max) all.erase(all.begin() + stuck_max, all.end());
    return all;
  }

  bool planned(const ContainerState& container) {
    const auto& moves = plan_.plan().moves;
    return std::any_of(moves.begin(), moves.end(), [&](const Move& move) {
      return move.container == container.name && move.from == state_.name;
    });
  }

  void exchange() {
    ExchangeBudget tries = exchange_budget(ledger_.fleet().hosts.size());
    while (exchange_one(tries)) {
    }
  }

  bool exchange_one(ExchangeBudget& tries) {
    if (ledger_.moves() + 2 > policy_.moves_in_fleet) return false;
    for (const Stuck& each : stuck()) {
      if (!in_need() || !within_limits()) return false;
      const auto found = find_exchange(ledger_, each.traveller, Occasion::by_itself, tries);
      if (!found || !is_worth_it(*found, each.traveller)) continue;
      carry(*found, each.traveller);
      return true;
    }
    return false;
  }

  bool is_worth_it(const Exchange& found, const Traveller& traveller) {
    return worth_its_cost(net_gain(found, traveller), total_of(found), *traveller.container);
  }

  /// What the other container brings along is not gained.
  [[nodiscard]] double net_gain(const Exchange& found, const Traveller& traveller) const {
    const Utilisation after = after_exchange(found, traveller);
    return relief(load(), after, policy_) / level_of(load(), policy_).value_or(1);
  }

  [[nodiscard]] Utilisation after_exchange(const Exchange& found,
                                           const Traveller& traveller) const {
    const Utilisation without = with_demand(load(), traveller.demand, state_.capacity, -1);
    if (!found.swap) return without;
    return with_demand(without, found.legs.back().traveller.demand, state_.capacity, 1);
  }

  void carry(const Exchange& found, const Traveller& traveller) {
    take(carry_out(
        ledger_, found,
        fmt::format("{}; moving {} takes it to {}; {}", why_hot(), traveller.container->name.str(),
                    level(after_exchange(found, traveller)), describe(found, ledger_))));
  }

  // --- both ---

  [[nodiscard]] double gain_of(const Demand& demand) const {
    return relief_of(demand) / level_of(load(), policy_).value_or(1);
  }

  bool worth_its_cost(double gain, const Prediction& total, const ContainerState& container) {
    const double cost = cost_of(total, policy_);
    if (gain >= std::max(cost, policy_.min_gain)) return true;
    plan_.reject_container(
        host_, container, Rule::gain_too_small,
        fmt::format("with what has to move together it would lower the host by {:.1f} %; wanted "
                    "are {:.4g} %, and {} of stops and {} of transfer cost {:.1f} % of the next {}",
                    gain * 100, policy_.min_gain * 100, format_seconds(total.downtime_s),
                    format_seconds(total.transfer_s), cost * 100,
                    format_duration(policy_.horizon)));
    return false;
  }

  void take(std::vector<Move> moves) {
    plan_.withdraw_host(host_);
    std::move(moves.begin(), moves.end(), std::back_inserter(plan_.plan().moves));
  }

  [[nodiscard]] std::string level(const Utilisation& after) const {
    return describe_level(ledger_.book(host_).seen.used, after, policy_);
  }

  [[nodiscard]] std::string why_hot() const {
    return fmt::format("{} at {}, for {}", state_.name.str(), describe_load(start_, policy_),
                       format_duration(ledger_.book(host_).seen.held * policy_.evaluate_every));
  }

  Ledger& ledger_;
  const Policy& policy_;
  std::size_t host_;
  const HostState& state_;
  Budget& budget_;
  PlanBuilder& plan_;
  const Utilisation start_;
};

}  // namespace

void relieve_together(Ledger& ledger, std::size_t host, Budget& budget, PlanBuilder& plan) {
  Together{ledger, host, budget, plan}.run();
}

void relieve_by_units(Ledger& ledger, const std::vector<std::size_t>& hosts, Budget& budget,
                      PlanBuilder& plan) {
  for (const std::size_t host : hosts) {
    const HostBook& book = ledger.book(host);
    const bool rests =
        book.last_move && ledger.now() - *book.last_move < ledger.policy().host_cooldown;
    if (book.moves > 0 || rests || !book.state->detailed) continue;
    if (has_groups(*book.state)) Together{ledger, host, budget, plan}.run_units();
  }
}

}  // namespace plimsoll
