#include "decide/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include "core/text.h"
#include "decide/place.h"
#include "decide/reason.h"
#include "decide/scalar.h"

namespace plimsoll {
namespace {

/// Hosts that are looked at for one traveller. Ours.
constexpr std::size_t hosts_max = 32;
constexpr double rounding = 1e-9;

Entry entry_of(const Leg& leg) {
  Entry entry = plimsoll::entry_of(leg.traveller, leg.to, leg.predicted.written);
  entry.in_turn = true;
  return entry;
}

bool within_target(const Utilisation& used, const Policy& policy) {
  const auto below = [&](const std::optional<double>& percent, double line) {
    return percent.value_or(0) <= line * policy.target + rounding;
  };
  return below(used.cpu, policy.line.cpu) && below(used.memory, policy.line.memory) &&
         below(used.storage, policy.line.storage) &&
         level_of(used, policy).value_or(0) <= policy.target + rounding;
}

class Finder {
 public:
  Finder(Ledger& ledger, const Traveller& stuck, Occasion occasion, ExchangeBudget& budget)
      : ledger_(ledger), stuck_(stuck), occasion_(occasion), budget_(budget) {
    strictness_.limits = occasion == Occasion::by_itself;
  }

  std::optional<Exchange> find() {
    for (const std::size_t host : hosts()) {
      for (const Traveller& other : others_on(host)) {
        if (budget_.tries <= 0) return std::nullopt;
        --budget_.tries;
        if (auto chain = by_chain(host, other)) return chain;
        if (auto swap = by_swap(host, other)) return swap;
      }
    }
    return by_longer_chain();
  }

 private:
  /// The one that is to make room finds none either, until a third makes room for it.
  std::optional<Exchange> by_longer_chain() {
    if (strictness_.limits && ledger_.moves() + 3 > ledger_.policy().moves_in_fleet) {
      return std::nullopt;
    }
    for (const std::size_t host : hosts()) {
      for (const Traveller& other : others_on(host)) {
        if (budget_.tries <= 0) return std::nullopt;
        auto chain = Finder{ledger_, other, occasion_, budget_}.find_chain(stuck_.from);
        if (!chain) continue;
        for (const Leg& each : chain->legs) ledger_.enter(entry_of(each));
        auto last = leg(stuck_, host, strictness_);
        ledger_.strike(chain->legs.size());
        if (!last) continue;
        chain->legs.push_back(std::move(*last));
        return chain;
      }
    }
    return std::nullopt;
  }

  /// Not by way of `without`.
  std::optional<Exchange> find_chain(std::size_t without) {
    for (const std::size_t host : hosts()) {
      if (host == without) continue;
      for (const Traveller& other : others_on(host)) {
        if (budget_.tries <= 0) return std::nullopt;
        --budget_.tries;
        auto chain = by_chain(host, other);
        if (chain && chain->legs.front().to != without) return chain;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] bool may_take_part(std::size_t host) const {
    const HostBook& book = ledger_.book(host);
    return host != stuck_.from && book.state->detailed && !book.state->drained &&
           !book.seen.stale && book.crowd.cpu && book.crowd.memory && has_two_moves_left(host);
  }

  /// Of a host that gives one and takes one.
  [[nodiscard]] bool has_two_moves_left(std::size_t host) const {
    return !strictness_.limits || ledger_.book(host).moves + 2 <= ledger_.policy().moves_per_host;
  }

  /// The fullest first: the least room has to be made there, and large gaps stay whole.
  [[nodiscard]] std::vector<std::size_t> hosts() const {
    std::vector<std::size_t> found;
    for (const std::size_t host : ledger_.by_name()) {
      if (may_take_part(host)) found.push_back(host);
    }
    std::stable_sort(found.begin(), found.end(),
                     [&](std::size_t a, std::size_t b) { return level(a) > level(b); });
    if (found.size() > hosts_max) found.resize(hosts_max);
    return found;
  }

  [[nodiscard]] double level(std::size_t host) const {
    return level_of(ledger_.book(host).crowd, ledger_.policy()).value_or(0);
  }

  /// What would make room, the quickest to move first.
  [[nodiscard]] std::vector<Traveller> others_on(std::size_t host) {
    struct Other {
      double seconds;
      Traveller traveller;
    };
    std::vector<Other> others;
    for (const ContainerState& container : ledger_.book(host).state->containers) {
      if (container.state != "running") continue;
      Traveller other = traveller(ledger_, container, host);
      if (!makes_room(host, other) || !may_move(container, host)) continue;
      const bool elsewhere = ledger_.has_image_elsewhere(container.image_id, host);
      others.push_back({least_seconds(container, elsewhere, ledger_.policy()), std::move(other)});
    }
    std::sort(others.begin(), others.end(), [](const Other& a, const Other& b) {
      return std::tie(a.seconds, a.traveller.container->name) <
             std::tie(b.seconds, b.traveller.container->name);
    });
    std::vector<Traveller> ordered;
    for (Other& other : others) ordered.push_back(std::move(other.traveller));
    return ordered;
  }

  [[nodiscard]] bool makes_room(std::size_t host, const Traveller& other) const {
    const HostBook& book = ledger_.book(host);
    const Utilisation without = with_demand(book.crowd, other.demand, book.state->capacity, -1);
    const Utilisation with = with_demand(without, stuck_.demand, book.state->capacity, 1);
    return within_target(with, ledger_.policy());
  }

  [[nodiscard]] bool may_move(const ContainerState& container, std::size_t host) const {
    const HostState& state = *ledger_.book(host).state;
    return !bound_to_others(container, state) &&
           held_back(ledger_, container, host, occasion_).empty();
  }

  /// Whether a leg may follow what is in the ledger.
  std::optional<Leg> leg(const Traveller& traveller, std::size_t to, Strictness strictness) {
    const auto verdict = judge(ledger_, traveller, to, strictness);
    const auto* offer = std::get_if<Offer>(&verdict);
    if (!offer) return std::nullopt;
    return Leg{traveller, to, offer->predicted, offer->level_after};
  }

  std::optional<Exchange> by_chain(std::size_t host, const Traveller& other) {
    const Placement third = place(ledger_, other, Search{strictness_, std::nullopt, stuck_.from});
    if (!third.to) return std::nullopt;
    Leg first{other, *third.to, third.predicted, third.considered.front().level_after};
    ledger_.enter(entry_of(first));
    auto second = leg(stuck_, host, strictness_);
    ledger_.strike(1);
    if (!second) return std::nullopt;
    return Exchange{{std::move(first), std::move(*second)}, false};
  }

  /// The stuck one goes first: its host needs the relief. Until the other has left both stand on
  /// one host, which may then lie above its target, but not above its line.
  std::optional<Exchange> by_swap(std::size_t host, const Traveller& other) {
    if (!has_two_moves_left(stuck_.from)) return std::nullopt;
    Strictness to_the_line = strictness_;
    to_the_line.to_the_line = true;
    auto first = leg(stuck_, host, to_the_line);
    if (!first) return std::nullopt;
    ledger_.enter(entry_of(*first));
    auto second = leg(other, stuck_.from, strictness_);
    ledger_.strike(1);
    if (!second) return std::nullopt;
    return Exchange{{std::move(*first), std::move(*second)}, true};
  }

  Ledger& ledger_;
  const Traveller& stuck_;
  Occasion occasion_;
  ExchangeBudget& budget_;
  Strictness strictness_;
};

}  // namespace

ExchangeBudget exchange_budget(std::size_t hosts) {
  constexpr std::size_t least = 24;
  constexpr std::size_t most = 240;
  constexpr std::size_t looks = 10'000;
  return {static_cast<int>(std::clamp(looks / std::max<std::size_t>(hosts, 1), least, most))};
}

std::optional<Exchange> find_exchange(Ledger& ledger, const Traveller& stuck, Occasion occasion,
                                      ExchangeBudget& budget) {
  return Finder{ledger, stuck, occasion, budget}.find();
}

Prediction total_of(const Exchange& exchange) {
  Prediction total;
  total.measured = true;
  for (const Leg& leg : exchange.legs) {
    total.bytes += leg.predicted.bytes;
    total.written += leg.predicted.written;
    total.image_written += leg.predicted.image_written;
    total.image_bytes += leg.predicted.image_bytes;
    total.transfer_s += leg.predicted.transfer_s;
    total.downtime_s += leg.predicted.downtime_s;
    total.bytes_per_s = leg.predicted.bytes_per_s;
    total.measured = total.measured && leg.predicted.measured;
  }
  return total;
}

std::string describe(const Exchange& exchange, const Ledger& ledger) {
  const auto host = [&](std::size_t at) { return ledger.book(at).state->name.str(); };
  if (exchange.swap) {
    const Traveller& other = exchange.legs.back().traveller;
    return fmt::format("no host has room for it as it is: {} comes from {} in its place",
                       other.container->name.str(), host(other.from));
  }
  std::string text = "no host has room for it as it is: ";
  for (std::size_t i = 0; i + 1 < exchange.legs.size(); ++i) {
    const Leg& leg = exchange.legs[i];
    text += fmt::format("{}{} makes room on {} {}, by going to {}", i == 0 ? "" : ", ",
                        leg.traveller.container->name.str(), host(leg.traveller.from),
                        i == 0 ? "first" : "then", host(leg.to));
  }
  return text;
}

std::vector<Move> carry_out(Ledger& ledger, const Exchange& exchange, const std::string& reason) {
  std::vector<Move> moves;
  std::string unit;
  for (const Leg& leg : exchange.legs) {
    unit += (unit.empty() ? "" : ", ") + leg.traveller.container->name.str();
  }
  bool ask = false;
  for (const Leg& leg : exchange.legs) {
    Placement placement;
    placement.to = leg.to;
    placement.predicted = leg.predicted;
    placement.considered.push_back(
        {.host = ledger.book(leg.to).state->name,
         .refused = std::nullopt,
         .because = fmt::format("then at {:.2f} of its line", leg.level_after),
         .predicted = leg.predicted,
         .level_after = leg.level_after});
    Move move = make_move(ledger, leg.traveller, leg.to, std::move(placement));
    move.unit = unit;
    move.order = static_cast<int>(moves.size()) + 1;
    move.reason = reason;
    ask = ask || move.ask;
    ledger.enter(entry_of(leg));
    moves.push_back(std::move(move));
  }
  for (Move& move : moves) move.ask = ask;
  return moves;
}

}  // namespace plimsoll
