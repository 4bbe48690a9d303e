#include "decide/reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "decide/labels.h"

namespace plimsoll {
namespace {

std::string describe_rank(const Placement& placement) {
  if (placement.feasible == 1) return "the only one with room";
  if (placement.equally_quick > 1) {
    return fmt::format("the least loaded of the {} quickest with room", placement.equally_quick);
  }
  return fmt::format("the quickest of {} with room", placement.feasible);
}

}  // namespace

PlanBuilder::PlanBuilder(const Ledger& ledger, TimePoint now) : ledger_(ledger) {
  plan_.made_at = now;
  plan_.hosts.reserve(ledger.by_name().size());
  for (const std::size_t host : ledger.by_name()) plan_.hosts.push_back(ledger.book(host).seen);
}

void PlanBuilder::reject_host(std::size_t host, Rule rule, std::string detail) {
  add({ledger_.book(host).state->name, std::nullopt, rule, std::move(detail)});
}

void PlanBuilder::reject_container(std::size_t host, const ContainerState& container, Rule rule,
                                   std::string detail) {
  add({ledger_.book(host).state->name, container.name, rule, std::move(detail)});
}

void PlanBuilder::withdraw_host(std::size_t host) {
  const HostId& name = ledger_.book(host).state->name;
  const auto no_way_out = [&](const Rejection& each) {
    return each.host == name && !each.container &&
           (each.rule == Rule::nothing_to_move || each.rule == Rule::no_destination ||
            each.rule == Rule::gain_too_small);
  };
  auto& rejected = plan_.rejected;
  rejected.erase(std::remove_if(rejected.begin(), rejected.end(), no_way_out), rejected.end());
}

void PlanBuilder::reject_fleet(Rule rule, std::string detail) {
  add({std::nullopt, std::nullopt, rule, std::move(detail)});
}

void PlanBuilder::reject_placement(const ContainerState& container, const Placement& placement) {
  for (const Verdict& verdict : placement.considered) {
    if (!verdict.refused) continue;
    add({verdict.host, container.name, *verdict.refused, verdict.because});
  }
  plan_.rejected_more += placement.considered_more;
}

void PlanBuilder::add(Rejection rejection) {
  if (plan_.rejected.size() >= ledger_.policy().explain_max) {
    ++plan_.rejected_more;
  } else {
    plan_.rejected.push_back(std::move(rejection));
  }
}

Move make_move(const Ledger& ledger, const Traveller& traveller, std::size_t to,
               Placement placement) {
  Move move;
  move.container = traveller.container->name;
  move.from = ledger.book(traveller.from).state->name;
  move.to = ledger.book(to).state->name;
  move.predicted = placement.predicted;
  move.demand = traveller.demand;
  move.demand.storage = placement.predicted.written;
  move.ports = traveller.container->ports;
  move.image_id = traveller.container->image_id;
  move.ask = move_label(*traveller.container) == MoveLabel::ask;
  move.considered = std::move(placement.considered);
  move.considered_more = placement.considered_more;
  return move;
}

Entry entry_of(const Traveller& traveller, std::size_t to, Bytes bytes) {
  const std::string* apart = apart_of(*traveller.container);
  Entry entry;
  entry.from = traveller.from;
  entry.to = to;
  entry.arrival = {.name = traveller.container->name,
                   .ports = traveller.container->ports,
                   .apart = apart ? *apart : std::string{},
                   .reservation = traveller.container->memory_reservation.value_or(Bytes{})};
  entry.demand = traveller.demand;
  entry.demand.storage = bytes;
  return entry;
}

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string format_seconds(double seconds) {
  constexpr double ten_years = 10 * 365.25 * 24 * 3600;
  return format_duration(Duration{std::llround(std::clamp(seconds, 0.0, ten_years) * 1000)});
}

std::string describe_demand(const Demand& demand) {
  return fmt::format("{:.2f} cores and {}", demand.cpu_cores, format_bytes(count(demand.memory)));
}

std::string describe_sending(const Prediction& predicted) {
  const auto rate = static_cast<std::uint64_t>(predicted.bytes_per_s);
  return fmt::format("{} at {}/s{}", format_bytes(count(predicted.bytes)), format_bytes(rate),
                     predicted.measured ? "" : " (assumed)");
}

std::string describe_choice(const Ledger& ledger, std::size_t to, const Placement& placement) {
  return fmt::format("{} is {}: {}", ledger.book(to).state->name.str(), describe_rank(placement),
                     describe_sending(placement.predicted));
}

}  // namespace plimsoll
