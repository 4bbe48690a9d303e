#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "decide/fleet.h"
#include "decide/policy.h"

namespace plimsoll {

/// A container's place: its host, name and id. A store without the id tag has one series for all
/// that bore the name.
using ContainerKey = std::array<std::string, 3>;

/// What the containers of a fleet used, window after window: ContainerState::samples of each. Who
/// reads the store again and again keeps it, so that the store is asked for the long past once,
/// and after that each window is noted when it is over.
/// Bounded: `spread_samples` windows a container; who has said nothing for as long is forgotten.
class ContainerHistories {
 public:
  /// Windows that have to be read because nobody noted them: so many, as long as the policy's, up
  /// to a time.
  struct Missing {
    int windows = 0;
    TimePoint to;
  };
  /// All of them, where nothing is known yet, the policy's window is another one, or `now` is not
  /// shortly after the newest one; what was known is forgotten then.
  [[nodiscard]] std::optional<Missing> missing(const Policy& policy, TimePoint now);

  /// One window of one container, and its highest part as long as sudden_span().
  /// Requires: windows of a container come oldest first.
  void add(const ContainerKey& key, ContainerSample sample, double peak);
  /// False: what missing() asked for has not been added yet.
  [[nodiscard]] bool is_begun() const { return until_.has_value(); }
  /// Whether the window that ends at `now` is to be added: the newest one ended a window ago.
  [[nodiscard]] bool is_due(TimePoint now) const;
  /// All windows up to `now` have been added.
  void added_until(TimePoint now);

  /// Oldest first; empty: nothing is known.
  [[nodiscard]] const std::vector<ContainerSample>& of(const ContainerKey& key) const;
  /// Whether that is more than it used before (is_new_height).
  [[nodiscard]] bool is_new_height(const ContainerKey& key, double cores) const;
  /// Of whatever container was called so there, the newest of them.
  [[nodiscard]] const std::vector<ContainerSample>& of(const HostId& host,
                                                       const ContainerName& name) const;
  [[nodiscard]] std::size_t size() const { return windows_.size(); }

 private:
  struct Windows {
    std::vector<ContainerSample> samples;
    std::vector<double> peaks;
  };
  std::map<ContainerKey, Windows> windows_;
  std::optional<TimePoint> until_;
  Duration window_{0};
};

/// Gives containers that have moved what they used at the host they came from, by
/// FleetSnapshot::past.
void carry_histories(const ContainerHistories& histories, FleetSnapshot* fleet);

}  // namespace plimsoll
