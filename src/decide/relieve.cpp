#include "decide/relieve.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/text.h"
#include "decide/eligible.h"
#include "decide/labels.h"
#include "decide/movable.h"
#include "decide/scalar.h"
#include "decide/together.h"

namespace plimsoll {
namespace {

/// Excess that is rounding.
constexpr double nothing = 1e-9;

struct Candidate {
  Traveller traveller;
  double relief = 0;   ///< Of the host as it was found, in levels.
  double seconds = 0;  ///< What moving it takes at the least.
};

class Relief {
 public:
  Relief(Ledger& ledger, std::size_t host, Budget& budget, PlanBuilder& plan)
      : ledger_(ledger),
        policy_(ledger.policy()),
        host_(host),
        state_(*ledger.book(host).state),
        budget_(budget),
        plan_(plan),
        start_(ledger.book(host).load),
        excess_(excess(start_, policy_)) {}

  void run() {
    if (!may_give() || !within_limits()) return;
    move_singly();
    if (in_need()) relieve_together(ledger_, host_, budget_, plan_);
  }

 private:
  void move_singly() {
    gather();
    if (candidates_.empty()) return say_nothing_to_move();
    while (in_need() && !candidates_.empty() && within_limits()) {
      const auto best = take_best();
      if (!best) break;
      try_to_move(*best);
    }
    conclude();
  }

  [[nodiscard]] const Utilisation& load() const { return ledger_.book(host_).load; }
  [[nodiscard]] bool in_need() const { return excess(load(), policy_) > nothing; }

  bool may_give() {
    if (!in_need()) return refuse_calm();
    if (!state_.detailed) {
      return refuse(Rule::not_read, "its Docker data was not read: what runs there is not known");
    }
    const auto& last = ledger_.book(host_).last_move;
    if (last && ledger_.now() - *last < policy_.host_cooldown) {
      return refuse(Rule::host_cooldown,
                    fmt::format("it has given or received {} ago, rest is {}",
                                format_duration(Duration{ledger_.now() - *last}),
                                format_duration(policy_.host_cooldown)));
    }
    return true;
  }

  bool refuse_calm() {
    if (ledger_.book(host_).moves > 0) {
      return refuse(Rule::under_way, "moves under way bring it to " + level());
    }
    return refuse(Rule::gain_too_small,
                  "it is expected over its line, but lies below its target now: at " +
                      describe_load(start_, policy_));
  }

  bool refuse(Rule rule, std::string detail) {
    plan_.reject_host(host_, rule, std::move(detail));
    return false;
  }

  [[nodiscard]] std::string level() const {
    return describe_level(ledger_.book(host_).seen.used, load(), policy_);
  }

  void gather() {
    std::vector<const ContainerState*> containers;
    containers.reserve(state_.containers.size());
    for (const ContainerState& container : state_.containers) containers.push_back(&container);
    std::sort(containers.begin(), containers.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    for (const ContainerState* container : containers) consider(*container);
    drop_small();
  }

  void consider(const ContainerState& container) {
    if (container.state != "running" || bound_to_others(container, state_)) return;
    const auto obstacles = obstacles_now(ledger_, container, host_);
    for (const Obstacle& obstacle : obstacles) {
      plan_.reject_container(host_, container, obstacle.rule, obstacle.detail);
    }
    if (!obstacles.empty()) return;
    ++movable_;
    Candidate candidate{
        .traveller = traveller(ledger_, container, host_), .relief = 0, .seconds = 0};
    if (rests(container)) return;
    const Utilisation without =
        with_demand(start_, candidate.traveller.demand, state_.capacity, -1);
    candidate.relief = relief(start_, without, policy_);
    candidate.seconds =
        least_seconds(container, ledger_.has_image_elsewhere(container.image_id, host_), policy_);
    candidates_.push_back(std::move(candidate));
  }

  bool rests(const ContainerState& container) {
    const auto rest = resting(ledger_, container, host_, Occasion::by_itself);
    if (rest) plan_.reject_container(host_, container, rest->rule, rest->detail);
    return rest.has_value();
  }

  /// A container that explains the overload, or, where it is many small ones that do together, one
  /// that is not small among them.
  [[nodiscard]] double least_relief() const {
    const double share = policy_.explain_share * excess_;
    double all = 0;
    double most = 0;
    for (const Candidate& candidate : candidates_) {
      all += candidate.relief;
      most = std::max(most, candidate.relief);
    }
    const double wanted = policy_.min_gain * level_of(start_, policy_).value_or(1);
    return all < wanted ? share : std::min(share, most / 2);
  }

  void drop_small() {
    const double least = least_relief();
    std::erase_if(candidates_, [&](const Candidate& candidate) {
      if (candidate.relief >= least && candidate.relief > nothing) return false;
      plan_.reject_container(host_, *candidate.traveller.container, Rule::too_small,
                             fmt::format("it uses {}: moving it would hardly be felt",
                                         describe_demand(candidate.traveller.demand)));
      return true;
    });
  }

  void say_nothing_to_move() {
    double cores = 0;
    std::size_t running = 0;
    for (const ContainerState& container : state_.containers) {
      if (container.state != "running") continue;
      ++running;
      cores += container.cpu_cores.value_or(0);
    }
    const double in_use = start_.cpu.value_or(0) / 100 * state_.capacity.cpu_cores.value_or(0);
    refuse(Rule::nothing_to_move,
           fmt::format("at {}: nothing to move. Its {} use {:.2f} of the {:.2f} "
                       "cores in use; {} of them may be moved at all",
                       describe_load(start_, policy_), counted(running, "running container"), cores,
                       in_use, movable_));
  }

  bool within_limits() {
    const HostBook& book = ledger_.book(host_);
    if (ledger_.moves() >= policy_.moves_in_fleet) {
      return refuse(Rule::fleet_limit,
                    fmt::format("moves under way or planned in the fleet: {}, of at most {}",
                                ledger_.moves(), policy_.moves_in_fleet));
    }
    if (book.moves >= policy_.moves_per_host) {
      return refuse(Rule::host_limit,
                    fmt::format("its moves under way or planned: {}, of at most {}", book.moves,
                                policy_.moves_per_host));
    }
    if (budget_.searches <= 0) {
      return refuse(Rule::fleet_limit,
                    fmt::format("search number {} for a destination was the last, the rest "
                                "waits for the next evaluation",
                                policy_.searches_max));
    }
    return true;
  }

  /// What one second of moving it brings, not counting relief beyond the target.
  [[nodiscard]] double worth(const Candidate& candidate) const {
    const Utilisation without =
        with_demand(load(), candidate.traveller.demand, state_.capacity, -1);
    const double gone = excess(load(), policy_) - excess(without, policy_);
    return gone / candidate.seconds;
  }

  /// Of those of the lowest priority the most relief per second, of equal ones the smaller one, and
  /// of these by name. Nothing if none relieves what is still in excess.
  std::optional<Candidate> take_best() {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (worth(candidates_[i]) <= 0) continue;
      if (!best || is_better(candidates_[i], candidates_[*best])) best = i;
    }
    if (!best) return std::nullopt;
    Candidate taken = std::move(candidates_[*best]);
    candidates_.erase(candidates_.begin() + static_cast<std::ptrdiff_t>(*best));
    return taken;
  }

  [[nodiscard]] bool is_better(const Candidate& a, const Candidate& b) const {
    const int before = priority_of(*a.traveller.container);
    const int after = priority_of(*b.traveller.container);
    if (before != after) return before < after;
    const double difference = worth(a) - worth(b);
    return difference > nothing || (difference > -nothing && a.relief < b.relief);
  }

  void try_to_move(const Candidate& candidate) {
    --budget_.searches;
    Placement placement = place(ledger_, candidate.traveller, Search{});
    const auto to = placement.to;
    if (!to) return say_homeless(*candidate.traveller.container, placement);
    if (worth_its_cost(candidate, placement)) carry_out(candidate, *to, std::move(placement));
  }

  void say_homeless(const ContainerState& container, const Placement& placement) {
    ++homeless_;
    plan_.reject_container(host_, container, Rule::no_destination,
                           "no host may take it: " + summarise_refusals(placement));
    plan_.reject_placement(container, placement);
  }

  bool worth_its_cost(const Candidate& candidate, const Placement& placement) {
    const double level = level_of(start_, policy_).value_or(1);
    const double gain = candidate.relief / level;
    const double cost = cost_of(placement.predicted, policy_);
    if (gain >= cost) return true;
    plan_.reject_container(
        host_, *candidate.traveller.container, Rule::gain_too_small,
        fmt::format("it would lower the host by {:.1f} %, but a stop of {} and {} of "
                    "transfer cost {:.1f} % of the next {}",
                    gain * 100, format_seconds(placement.predicted.downtime_s),
                    format_seconds(placement.predicted.transfer_s), cost * 100,
                    format_duration(policy_.horizon)));
    return false;
  }

  void carry_out(const Candidate& candidate, std::size_t to, Placement placement) {
    const std::string choice = describe_choice(ledger_, to, placement);
    Move move = make_move(ledger_, candidate.traveller, to, std::move(placement));
    ledger_.enter(entry_of(candidate.traveller, to, move.demand.storage));
    move.reason = fmt::format("{}; moving it takes {} off, to {}; {}", why_hot(),
                              describe_demand(move.demand), level(), choice);
    gained_ += candidate.relief;
    moves_.push_back(std::move(move));
  }

  [[nodiscard]] std::string why_hot() const {
    const HostAssessment& seen = ledger_.book(host_).seen;
    return fmt::format("{} at {}, for {}", state_.name.str(), describe_load(start_, policy_),
                       format_duration(seen.held * policy_.evaluate_every));
  }

  /// What limits keep for later counts too: two of sixty small ones are a beginning.
  [[nodiscard]] double gain_in_the_end() const {
    double gain = gained_;
    if (in_need() && may_not_begin_more()) {
      for (const Candidate& candidate : candidates_) gain += candidate.relief;
    }
    return gain / level_of(start_, policy_).value_or(1);
  }

  [[nodiscard]] bool may_not_begin_more() const {
    return ledger_.moves() >= policy_.moves_in_fleet ||
           ledger_.book(host_).moves >= policy_.moves_per_host;
  }

  void conclude() {
    const double gain = gain_in_the_end();
    if (!moves_.empty() && gain < policy_.min_gain) return give_up(gain);
    for (Move& move : moves_) plan_.plan().moves.push_back(std::move(move));
    if (!moves_.empty() || !candidates_.empty()) return;
    if (homeless_ > 0) {
      refuse(Rule::no_destination,
             fmt::format("at {}: of {} that would help none found a host",
                         describe_load(start_, policy_), counted(homeless_, "container")));
    } else {
      refuse(Rule::gain_too_small,
             fmt::format("at {}: no move is worth its cost", describe_load(start_, policy_)));
    }
  }

  void give_up(double gain) {
    ledger_.strike(moves_.size());
    refuse(
        Rule::gain_too_small,
        fmt::format("all that can be moved would lower it by {:.1f} %, at least {:.4g} % is wanted",
                    gain * 100, policy_.min_gain * 100));
  }

  Ledger& ledger_;
  const Policy& policy_;
  std::size_t host_;
  const HostState& state_;
  Budget& budget_;
  PlanBuilder& plan_;
  const Utilisation start_;
  double excess_;
  std::vector<Candidate> candidates_;
  std::vector<Move> moves_;
  std::size_t movable_ = 0;
  std::size_t homeless_ = 0;
  double gained_ = 0;
};

}  // namespace

void relieve(Ledger& ledger, std::size_t host, Budget& budget, PlanBuilder& plan) {
  Relief{ledger, host, budget, plan}.run();
}

}  // namespace plimsoll
