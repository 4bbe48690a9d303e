#include "decide/by_spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "core/text.h"
#include "decide/at_risk.h"
#include "decide/considered.h"
#include "decide/eligible.h"
#include "decide/feasible.h"
#include "decide/labels.h"
#include "decide/movable.h"
#include "decide/predict.h"
#include "decide/reason.h"
#include "decide/risk_book.h"
#include "decide/spread.h"

namespace plimsoll {
namespace {

/// Destinations with the least risk that are looked at for one source. Ours: on fleets of up to
/// a hundred hosts more find nothing better.
constexpr std::size_t destinations_max = 64;
/// Of about equally good destinations of one container so many are asked how long it takes. Ours.
constexpr int quickest_of = 8;

struct Pair {
  int priority = 0;
  double gain = 0;
  std::uint32_t resident = 0;  // position in the risk book
  std::uint32_t rank = 0;      // of the host, by name
  std::uint32_t to = 0;
  double level = 0;  // of the destination afterwards, where that is to decide
};

bool better(const Pair& a, const Pair& b) {
  return std::tuple{a.priority, -a.gain, a.resident, a.level, a.rank} <
         std::tuple{b.priority, -b.gain, b.resident, b.level, b.rank};
}

/// A destination that may take it.
struct Choice {
  Pair pair;
  Prediction predicted;
};

/// A container that would be worth moving.
struct Candidate {
  int priority = 0;
  double relief = 0;
  std::uint32_t position = 0;  // in the risk book
};

/// Whether the other one is to be looked at first.
bool later(const Candidate& a, const Candidate& b) {
  return std::tuple{b.priority, a.relief, b.position} <
         std::tuple{a.priority, b.relief, a.position};
}

class SpreadRelief {
 public:
  SpreadRelief(Ledger& ledger, RiskBook& book, PlanBuilder& plan)
      : ledger_(ledger),
        policy_(ledger.policy()),
        plan_(plan),
        book_(book),
        price_(price_of_move(policy_)),
        done_(ledger.fleet().hosts.size(), false),
        considered_(ledger, book_) {}

  std::vector<SpreadStand> run() {
    mark_at_risk(ledger_, book_, plan_.plan().hosts);
    for (const std::size_t host : ledger_.by_name()) {
      if (book_.risk(host) > price_) waiting_.push_back(place_of(host));
    }
    std::sort(waiting_.begin(), waiting_.end());
    while (!waiting_.empty()) {
      const std::size_t host = ledger_.by_name()[waiting_.front().second];
      if (may_give(host) && move_one(host)) continue;
      done_[host] = true;
      waiting_.erase(waiting_.begin());
    }
    return book_.stands();
  }

 private:
  /// The one at the highest risk comes first, of equal ones the first by name.
  using Place = std::pair<double, std::uint32_t>;
  [[nodiscard]] Place place_of(std::size_t host) const {
    return {-book_.risk(host), book_.rank(host)};
  }

  /// Those at risk that have not been dealt with stay in their order.
  void move_in_book(std::uint32_t resident, std::size_t to) {
    const std::size_t from = book_.resident(resident).host;
    stop_waiting(place_of(from));
    stop_waiting(place_of(to));
    book_.move(resident, to);
    wait(from);
    wait(to);
  }

  void stop_waiting(const Place& place) {
    const auto found = std::lower_bound(waiting_.begin(), waiting_.end(), place);
    if (found != waiting_.end() && *found == place) waiting_.erase(found);
  }

  void wait(std::size_t host) {
    if (done_[host] || book_.risk(host) <= price_) return;
    const Place place = place_of(host);
    waiting_.insert(std::lower_bound(waiting_.begin(), waiting_.end(), place), place);
  }

  bool refuse(std::size_t host, Rule rule, std::string detail) {
    plan_.reject_host(host, rule, std::move(detail));
    return false;
  }

  bool may_give(std::size_t host) {
    const HostBook& book = ledger_.book(host);
    if (book.seen.stale) return false;
    if (!book.state->detailed) {
      return refuse(host, Rule::not_read,
                    "its Docker data was not read: what runs there is not known");
    }
    if (ledger_.moves() >= policy_.moves_in_fleet) {
      return refuse(host, Rule::fleet_limit,
                    fmt::format("moves under way or planned in the fleet: {}, of at most {}",
                                ledger_.moves(), policy_.moves_in_fleet));
    }
    if (book.moves >= policy_.moves_per_host) {
      return refuse(host, Rule::host_limit,
                    fmt::format("its moves under way or planned: {}, of at most {}", book.moves,
                                policy_.moves_per_host));
    }
    if (book.last_move && ledger_.now() - *book.last_move < policy_.host_cooldown) {
      return refuse(host, Rule::host_cooldown,
                    fmt::format("it has given or received {} ago, rest is {}",
                                format_duration(Duration{ledger_.now() - *book.last_move}),
                                format_duration(policy_.host_cooldown)));
    }
    return true;
  }

  bool move_one(std::size_t host) {
    rank_residents(host);
    pairs_.clear();
    bool promising = false;
    for (auto pair = best_pair(host); pair; pair = best_pair(host)) {
      promising = true;
      const Resident& resident = book_.resident(pair->resident);
      if (is_bound(host, resident)) {
        drop_pairs_of(pair->resident);
      } else if (auto choice = quickest_like(resident, *pair)) {
        carry_out(resident, *choice);
        return true;
      } else {
        drop_tried(pair->resident);
      }
    }
    return refuse(host, promising ? Rule::no_destination : Rule::gain_too_small,
                  describe_stuck(host, promising));
  }

  [[nodiscard]] std::string describe_stuck(std::size_t host, bool promising) const {
    return fmt::format("{}: {}", book_.describe(host),
                       promising ? "what would help may not move, or nobody may take it"
                                 : "no move lowers the risk by more than it costs");
  }

  /// Those whose going would be worth its price, the greatest relief last.
  void rank_residents(std::size_t host) {
    ranked_.clear();
    destinations_ = &book_.calmer(host, destinations_max);
    const RiskBook::Range range = book_.residents_of(host);
    for (std::uint32_t position = range.first; position < range.last; ++position) {
      const Resident& resident = book_.resident(position);
      if (resident.gone) continue;
      const double relief = book_.risk(host) - book_.risk_without(host, resident.outlook);
      if (relief > price_) ranked_.push_back({priority_of(*resident.container), relief, position});
    }
    std::sort(ranked_.begin(), ranked_.end(), later);
  }

  [[nodiscard]] bool may_beat(const Candidate& next, const Pair& best) const {
    return next.priority < best.priority ||
           (next.priority == best.priority && next.relief >= best.gain);
  }

  /// The best of what was not tried. Pairs of a container are made when its relief alone is more
  /// than the gain of the best one so far.
  std::optional<Pair> best_pair(std::size_t host) {
    auto best = std::min_element(pairs_.begin(), pairs_.end(), better);
    while (!ranked_.empty() && (pairs_.empty() || may_beat(ranked_.back(), *best))) {
      const Candidate next = ranked_.back();
      ranked_.pop_back();
      for (const std::uint32_t to : *destinations_) add_pair(host, next, to);
      best = std::min_element(pairs_.begin(), pairs_.end(), better);
    }
    if (pairs_.empty()) return std::nullopt;
    return *best;
  }

  void add_pair(std::size_t host, const Candidate& candidate, std::uint32_t to) {
    const Outlook& outlook = book_.resident(candidate.position).outlook;
    const double after = book_.risk_with(to, outlook);
    const double gain = candidate.relief - (after - book_.risk(to));
    if (gain <= price_ || after >= book_.risk(host)) return;
    const double level = book_.level_with(to, outlook);
    if (level > std::max(book_.level(host), policy_.target)) return;
    // Beside a host that has just risen calm ones are all alike: the emptier one is taken.
    pairs_.push_back({candidate.priority, gain, candidate.position, book_.rank(to), to,
                      book_.has_risen(host) ? level : 0});
  }

  bool is_bound(std::size_t host, const Resident& resident) {
    const ContainerState& container = *resident.container;
    if (bound_to_others(container, *ledger_.book(host).state)) return true;
    const auto obstacles = held_back(ledger_, container, host, Occasion::by_itself);
    for (const Obstacle& obstacle : obstacles) {
      plan_.reject_container(host, container, obstacle.rule, obstacle.detail);
    }
    return !obstacles.empty();
  }

  void drop_pairs_of(std::uint32_t resident) {
    std::erase_if(pairs_, [&](const Pair& pair) { return pair.resident == resident; });
  }

  void drop_tried(std::uint32_t resident) {
    std::erase_if(pairs_, [&](const Pair& pair) {
      return pair.resident == resident &&
             std::find(tried_.begin(), tried_.end(), pair.to) != tried_.end();
    });
  }

  /// The quickest of the feasible destinations that are about as good as the best feasible one.
  std::optional<Choice> quickest_like(const Resident& resident, const Pair& best) {
    const Traveller traveller = plimsoll::traveller(ledger_, *resident.container, resident.host);
    std::optional<Choice> choice;
    double least_gain = 0;
    int feasible = 0;
    tried_.clear();
    considered_.begin(resident);
    std::vector<Pair> own;
    std::copy_if(pairs_.begin(), pairs_.end(), std::back_inserter(own),
                 [&](const Pair& pair) { return pair.resident == best.resident; });
    std::sort(own.begin(), own.end(), better);
    for (const Pair& pair : own) {
      if (choice && (pair.gain < least_gain || feasible >= quickest_of)) break;
      tried_.push_back(pair.to);
      const auto offer = offer_of(traveller, pair);
      if (!offer) continue;
      ++feasible;
      considered_.note_offer(pair.to, *offer);
      if (!choice) least_gain = pair.gain * (1 - policy_.tie_share);
      if (!choice || quicker(offer->predicted, choice->predicted)) {
        choice = Choice{pair, offer->predicted};
      }
    }
    considered_.leave_out(own.size() - tried_.size());
    for (const std::uint32_t to : book_.calmer_but_unread(resident.host)) {
      considered_.note_refusal(traveller, Refusal{.rule = Rule::not_read}, to);
    }
    if (!choice) considered_.reject(plan_);
    return choice;
  }

  [[nodiscard]] bool quicker(const Prediction& a, const Prediction& b) const {
    return a.transfer_s * (1 + policy_.tie_share) + policy_.tie_seconds < b.transfer_s;
  }

  /// Of a destination that may take it and is worth it, with the stop and the bytes.
  [[nodiscard]] std::optional<Offer> offer_of(const Traveller& traveller, const Pair& pair) {
    Strictness strictness;
    strictness.cpu_by_spread = true;
    const auto verdict = judge(ledger_, traveller, pair.to, strictness);
    if (const auto* refusal = std::get_if<Refusal>(&verdict)) {
      considered_.note_refusal(traveller, *refusal, pair.to);
      return std::nullopt;
    }
    const Offer& offer = std::get<Offer>(verdict);
    if (pair.gain <= price_ * (1 + cost_of(offer.predicted, policy_))) return std::nullopt;
    return offer;
  }

  void carry_out(const Resident& resident, Choice choice) {
    const std::size_t to = choice.pair.to;
    const std::string before = book_.describe(resident.host);
    const Traveller traveller = plimsoll::traveller(ledger_, *resident.container, resident.host);
    move_in_book(choice.pair.resident, to);
    Placement placement{.to = to,
                        .predicted = choice.predicted,
                        .feasible = 1,
                        .equally_quick = 1,
                        .considered = considered_.take(to),
                        .considered_more = considered_.left_out()};
    Move move = make_move(ledger_, traveller, to, std::move(placement));
    move.reason = fmt::format("{}; without {} {}; {} then {}; {}", before, move.container.str(),
                              book_.describe_outlook(traveller.from), move.to.str(),
                              book_.describe_outlook(to), describe_sending(choice.predicted));
    ledger_.enter(entry_of(traveller, to, choice.predicted.written));
    plan_.plan().moves.push_back(std::move(move));
  }

  Ledger& ledger_;
  const Policy& policy_;
  PlanBuilder& plan_;
  RiskBook& book_;
  double price_;
  std::vector<bool> done_;
  std::vector<Place> waiting_;
  std::vector<Candidate> ranked_;  // the last one comes first
  const std::vector<std::uint32_t>* destinations_ = nullptr;
  std::vector<Pair> pairs_;
  std::vector<std::uint32_t> tried_;
  Considered considered_;  // the destinations of one container
};

}  // namespace

bool judged_by_spread(const FleetSnapshot& fleet, const Policy& policy) {
  if (policy.detector != Detector::spread || policy.scalar != Scalar::max) return false;
  return std::any_of(fleet.hosts.begin(), fleet.hosts.end(), [](const HostState& host) {
    return std::any_of(host.containers.begin(), host.containers.end(), [](const auto& container) {
      return !container.samples.empty() && container.state == "running";
    });
  });
}

double price_of_move(const Policy& policy) {
  // Tuned on three days of traces, with aggressiveness 1 (decision 22).
  constexpr double price = 0.018;
  return price / policy.aggressiveness;
}

std::vector<SpreadStand> relieve_by_spread(Ledger& ledger, RiskBook& book, PlanBuilder& plan) {
  return SpreadRelief{ledger, book, plan}.run();
}

}  // namespace plimsoll
