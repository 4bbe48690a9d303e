#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/time.h"
#include "inventory/host_file.h"
#include "monitor/host_status.h"
#include "monitor/monitor_config.h"
#include "monitor/monitor_metrics.h"
#include "monitor/store_writer.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

/// Polls every host's agent and brings what they say to the store, with the time of receipt.
/// A host that does not answer gives a `Monitor` point that says so and no figures; one that has
/// been down for a while is asked less often and gives that point all the same, at each interval.
/// Thread: used from its executor only.
class Monitor final : public HostListListener {
 public:
  /// Requires: the store outlives it and the executor's last step. A closed store is opened when it
  /// can be reached.
  Monitor(asio::any_io_executor executor, MonitorConfig config, Store& store, StoreState state,
          WallClock clock = wall_clock_now);
  /// Stops at once; what was not written waits in the spool.
  ~Monitor() override;

  /// Starts to poll: each host at its place within the next interval. Called once.
  void start(const HostList& hosts);
  /// Called before start(): the store is not touched before let_store_go(), see
  /// StoreWriter::hold().
  void hold_store();
  void let_store_go();
  /// Hosts that did not change miss nothing.
  void hosts_changed(const HostList& hosts, const HostListDiff& diff) override;
  /// Takes interval, timeout, backoff_max, polls_max, connections_max and the agents' token; the
  /// rest stays as it was constructed. No host's gap between two polls is longer than the longer
  /// interval.
  void reconfigure(const MonitorConfig& config);
  /// Ends all polls and writes what is left, as long as flush_timeout lets it.
  [[nodiscard]] Task<> stop();

  struct HostEntry {
    Host host;
    HostStatus status;
  };
  /// In the order of the names.
  [[nodiscard]] std::vector<HostEntry> hosts() const;
  [[nodiscard]] MonitorCounters counters() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plimsoll
