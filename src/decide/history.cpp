#include "decide/history.h"

#include <algorithm>
#include <tuple>

namespace plimsoll {
namespace {

bool newer(const PastMove* a, const PastMove* b) {
  return std::tie(b->finished, b->started, b->from, b->to) <
         std::tie(a->finished, a->started, a->from, a->to);
}

}  // namespace

HostIndex::HostIndex(const FleetSnapshot& fleet) {
  positions_.reserve(fleet.hosts.size());
  for (std::size_t i = 0; i < fleet.hosts.size(); ++i) {
    positions_.emplace(fleet.hosts[i].name.str(), i);
  }
}

std::optional<std::size_t> HostIndex::find(const HostId& name) const {
  const auto found = positions_.find(name.str());
  if (found == positions_.end()) return std::nullopt;
  return found->second;
}

std::vector<QuietTime> quiet_times(const FleetSnapshot& fleet, const HostIndex& index) {
  std::vector<QuietTime> quiet(fleet.hosts.size());
  const auto each_end = [&](const auto& move, const auto& change) {
    for (const HostId* name : {&move.from, &move.to}) {
      if (const auto at = index.find(*name)) change(quiet[*at]);
    }
  };
  for (const PastMove& move : fleet.past) {
    each_end(move, [&](QuietTime& time) { time.after = std::max(time.after, move.finished); });
  }
  for (const MoveUnderWay& move : fleet.under_way) {
    each_end(move, [&](QuietTime& time) { time.before = std::min(time.before, move.started); });
  }
  return quiet;
}

MoveHistory::MoveHistory(const FleetSnapshot& fleet, const Policy& policy, TimePoint now)
    : return_after_(policy.return_after), now_(now) {
  const TimePoint oldest = now - memory_needed(policy);
  for (const PastMove& move : fleet.past) {
    if (move.finished > oldest) newest_first_[move.container.str()].push_back(&move);
  }
  for (auto& [name, moves] : newest_first_) std::sort(moves.begin(), moves.end(), newer);
}

MoveMemory MoveHistory::of(const ContainerName& container, const HostId& host) const {
  MoveMemory memory;
  const auto found = newest_first_.find(container.str());
  if (found == newest_first_.end()) return memory;
  const HostId* place = &host;
  for (const PastMove* move : found->second) {
    if (*place != (move->succeeded ? move->to : move->from)) continue;
    ++memory.attempts;
    if (!memory.last) memory.last = move->finished;
    if (!move->succeeded) continue;
    if (now_ - move->finished < return_after_) memory.left.push_back(move->from);
    place = &move->from;
  }
  return memory;
}

Duration cooldown_left(const MoveMemory& memory, const Policy& policy, TimePoint now) {
  if (!memory.last) return Duration{0};
  Duration rest = policy.container_cooldown;
  for (int i = 1; i < memory.attempts && rest < policy.cooldown_max; ++i) rest *= 2;
  const TimePoint free_at = *memory.last + std::min(rest, policy.cooldown_max);
  return std::max(Duration{free_at - now}, Duration{0});
}

}  // namespace plimsoll
