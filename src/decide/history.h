#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decide/fleet.h"
#include "decide/policy.h"

namespace plimsoll {

/// Host names to positions in FleetSnapshot::hosts. Lives no longer than the fleet.
class HostIndex {
 public:
  explicit HostIndex(const FleetSnapshot& fleet);
  [[nodiscard]] std::optional<std::size_t> find(const HostId& name) const;

 private:
  std::unordered_map<std::string_view, std::size_t> positions_;
};

/// When the samples of a host speak for how it stands now: after the last move that touched it
/// ended, and before one that is still under way began. In between a move's own load, or a
/// container that is no longer there, would start the next move.
struct QuietTime {
  TimePoint after = TimePoint::min();   ///< Exclusive.
  TimePoint before = TimePoint::max();  ///< Exclusive.
};

/// By position in FleetSnapshot::hosts.
[[nodiscard]] std::vector<QuietTime> quiet_times(const FleetSnapshot& fleet,
                                                 const HostIndex& index);

/// What the past says of one container that runs on `host` now.
struct MoveMemory {
  int attempts = 0;               ///< Moves and failed tries, within memory_needed().
  std::optional<TimePoint> last;  ///< End of the newest.
  std::vector<HostId> left;       ///< Hosts it left less than return_after ago.
};

/// Past moves by container, followed backwards from where it runs: another container of the same
/// name elsewhere is not taken for it. Lives no longer than the fleet.
class MoveHistory {
 public:
  MoveHistory(const FleetSnapshot& fleet, const Policy& policy, TimePoint now);
  [[nodiscard]] MoveMemory of(const ContainerName& container, const HostId& host) const;

 private:
  Duration return_after_;
  TimePoint now_;
  std::unordered_map<std::string_view, std::vector<const PastMove*>> newest_first_;
};

/// How much longer a container has to stay: the cool-down doubles with every attempt.
[[nodiscard]] Duration cooldown_left(const MoveMemory& memory, const Policy& policy, TimePoint now);

}  // namespace plimsoll
