#include "orchestrate/start_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "decide/decide.h"
#include "decide/gate.h"

namespace plimsoll {
namespace {

const ContainerState* source_of(const FleetSnapshot& fleet, const MoveRecord& record,
                                const MoveMember& member) {
  for (const HostState& host : fleet.hosts) {
    if (host.name != record.from) continue;
    for (const ContainerState& container : host.containers) {
      if (container.name == member.container) return &container;
    }
  }
  return nullptr;
}

bool is_asked_for(const MoveRecord& record) { return is_by_hand(record) || !record.undoes.empty(); }

std::string who(const Rejection& rejection) {
  if (rejection.host && rejection.container) {
    return fmt::format("{} and {}", rejection.container->str(), rejection.host->str());
  }
  return rejection.host ? rejection.host->str() : "fleet";
}

}  // namespace

std::optional<std::string> silence_at_start(const FleetSnapshot& fleet, const Policy& policy,
                                            TimePoint now, const MoveRecord& record) {
  if (is_asked_for(record)) return std::nullopt;
  const Ledger ledger{fleet, policy, now};
  PlanBuilder plan{ledger, now};
  if (fleet_is_silent(ledger, plan)) return plan.plan().rejected.front().detail;
  const auto from = ledger.find(record.from);
  if (!from || !ledger.book(*from).seen.stale) return std::nullopt;
  return fmt::format("{}: {}", record.from.str(), describe_silence(ledger.book(*from).seen));
}

std::optional<std::string> refusal_at_start(FleetSnapshot fleet, const Policy& policy,
                                            TimePoint now, const MoveRecord& record,
                                            Judgement judgement) {
  if (auto silence = silence_at_start(fleet, policy, now, record)) return silence;
  std::erase_if(fleet.under_way, [&](const MoveUnderWay& move) {
    return has_member(record, move.container) && move.from == record.from && move.to == record.to;
  });
  const bool lenient =
      judgement == Judgement::impossible_only || is_asked_for(record) || record.members.size() > 1;
  for (const MoveMember& member : record.members) {
    const ContainerState* source = source_of(fleet, record, member);
    if (source != nullptr && !member.image.empty() && !source->image_id.empty() &&
        source->image_id != member.image) {
      return fmt::format("'{}' was made anew from another image since it was planned",
                         member.container.str());
    }
    ManualMove wanted{member.container, record.from, record.to, lenient, true};
    const Plan plan = explain_manual(fleet, policy, now, wanted);
    if (!plan.moves.empty()) continue;
    if (plan.rejected.empty()) return "it cannot be done any more";
    const Rejection& first = plan.rejected.front();
    return fmt::format("the fleet has changed since it was planned: {} [{}]: {}", who(first),
                       rule_name(first.rule), first.detail);
  }
  return std::nullopt;
}

}  // namespace plimsoll
