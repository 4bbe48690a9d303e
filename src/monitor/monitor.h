#pragma once

#include <memory>

#include "core/time.h"
#include "inventory/host_file.h"
#include "monitor/live_fleet.h"
#include "monitor/monitor_config.h"
#include "monitor/store_writer.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

/// Counted since the start.
struct MonitorCounters {
  std::uint64_t polls = 0;
  std::uint64_t polls_failed = 0;
  std::uint64_t points_written = 0;
  std::uint64_t points_rejected = 0;  ///< By the store.
  std::uint64_t points_dropped = 0;   ///< For want of room while the store was away.
  std::size_t points_waiting = 0;
};

/// Polls every host's agent and brings what they say to the store, with the time of receipt.
/// A host that does not answer gives a `Monitor` point that says so and no figures.
/// Thread: used from its executor only.
class Monitor final : public HostListListener {
 public:
  /// Requires: the store outlives it and the executor's last step. A closed store is opened when it
  /// can be reached.
  Monitor(asio::any_io_executor executor, MonitorConfig config, Store& store, StoreState state,
          WallClock clock = wall_clock_now);
  /// Stops at once; what was not written is lost.
  ~Monitor() override;

  /// Starts to poll. Called once.
  void start(const HostList& hosts);
  /// Hosts that did not change miss nothing.
  void hosts_changed(const HostList& hosts, const HostListDiff& diff) override;
  /// Ends all polls and writes what is left, as long as flush_timeout lets it.
  [[nodiscard]] Task<> stop();

  [[nodiscard]] const LiveFleet& fleet() const;
  [[nodiscard]] MonitorCounters counters() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plimsoll
