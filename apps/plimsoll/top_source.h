#pragma once

#include <optional>

#include "config/config.h"
#include "inventory/host_list.h"
#include "open_store.h"
#include "orchestrate/move_record.h"
#include "top/top_data.h"

namespace plimsoll {

/// Which moment and which hosts `plimsoll top` shows.
struct TopMoment {
  bool stored = false;          ///< The hosts that the store knows, not those of host.csv.
  std::optional<TimePoint> at;  ///< Not set: now, or with `stored` when something was last stored.
};

/// Reads store and journal for `plimsoll top`; writes to neither.
class TopSource {
 public:
  TopSource(Config config, HostList hosts, TopMoment moment)
      : config_(std::move(config)), hosts_(std::move(hosts)), moment_(moment) {}

  /// Errors: as open_store.
  [[nodiscard]] Task<Result<void>> open();
  /// Errors: the store's. A journal that cannot be read is told of in TopData::trouble.
  [[nodiscard]] Task<Result<TopData>> read();
  void set_hosts(HostList hosts) { hosts_ = std::move(hosts); }

 private:
  Task<Result<HostList>> stored_hosts(TimePoint* moment);
  void read_moves(TopData& data) const;

  Config config_;
  HostList hosts_;
  TopMoment moment_;
  OpenedStore store_;
  ReadingMemory memory_;
};

/// How long an ended move is still shown; one that needs a person longer. Ours.
inline constexpr Duration ended_move_shown = std::chrono::minutes{10};
inline constexpr Duration quarantined_move_shown = std::chrono::hours{24};

/// The moves to be shown at `now`, out of the journal's: those under way, those that wait, and
/// those that ended lately.
[[nodiscard]] std::vector<MoveLine> move_lines(const std::vector<MoveRecord>& records,
                                               TimePoint now);

}  // namespace plimsoll
