#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/policy.h"
#include "fleet/container_history.h"
#include "inventory/host_list.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

/// A container as the newest telemetry of its host shows it.
struct ContainerRow {
  std::string id;  ///< The first 12 digits.
  std::string name;
  std::string image;
  std::string state;
  std::optional<double> cpu_percent;  ///< Of the host's cores.
  std::optional<Bytes> memory;        ///< Working set, or usage where that is unknown.
};

/// A host as people want to see it.
struct HostRow {
  HostId name;
  std::string address;
  bool up = false;  ///< Answered the last poll, which is not too old.
  std::optional<TimePoint> last_seen;
  Utilisation latest;       ///< Of the newest telemetry; all absent unless up.
  HostAssessment assessed;  ///< Moving averages, scalar and line.
  std::string error;        ///< Why it is not up, and since when. Empty: it is.
  /// The kind of that: the monitor's ("connect", "timeout", "http_401", …), or "not_polled" where
  /// no monitor asks it. Empty: it is up.
  std::string error_class;
  /// How far its clock is ahead of the monitor's, in seconds; negative: behind.
  std::optional<double> clock_skew_s;
  /// Off by more than 0.5 s for sure: worth a warning.
  bool clock_off = false;
  std::vector<ContainerRow> containers;
};

/// The whole fleet at one moment, out of the store.
struct FleetView {
  TimePoint time;
  Policy policy;
  FleetSnapshot snapshot;     ///< As read_fleet gives it.
  std::vector<HostRow> rows;  ///< In the order of host.csv.
};

/// How many hosts a store can be asked about at once, as its answers have taught; 0: about all.
struct HostsAtOnce {
  std::size_t device_rows = 0;
  std::size_t container_means = 0;
  std::size_t container_windows = 0;
  std::map<std::string, std::size_t> latest;  ///< By measurement.
};

/// What one reading of the store teaches the next.
struct ReadingMemory {
  HostsAtOnce at_once;
  ContainerHistories histories;
};

/// What a decision needs and the store knows, for the hosts of the list: samples as far back as
/// history_needed(), capacity, whether they are up, and their running containers with means over
/// the policy's window, and with the windows before it where the policy's detector looks at them
/// (ContainerState::samples). Without what only Docker, journal and probes know: `detailed` is
/// false, and links, moves under way and past moves are empty. Who reads again and again gives
/// `memory`, so that a large fleet is asked for in the right parts from the beginning, and the
/// windows of the past are asked for once. Errors: those of the store. Requires: the store and
/// `memory` outlive the task.
[[nodiscard]] Task<Result<FleetSnapshot>> read_fleet(Store& store, const HostList& hosts,
                                                     const Policy& policy, TimePoint now,
                                                     ReadingMemory* memory = nullptr);

/// read_fleet and what people see of it.
[[nodiscard]] Task<Result<FleetView>> read_fleet_view(Store& store, const HostList& hosts,
                                                      const Policy& policy, TimePoint now,
                                                      ReadingMemory* memory = nullptr);

}  // namespace plimsoll
