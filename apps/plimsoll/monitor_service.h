#pragma once

#include <memory>

#include "config/config.h"
#include "inventory/host_file.h"
#include "live_config.h"
#include "monitor/monitor.h"
#include "monitor/monitor_server.h"
#include "open_store.h"

namespace plimsoll {

/// host.csv, store and monitor, working together: what `monitor` is and `up` begins with.
class MonitorService final : public HostListListener,
                             public std::enable_shared_from_this<MonitorService> {
 public:
  /// Where points can wait on disk polling begins at once, and the store is opened meanwhile.
  /// Errors: as HostFile::open (Errc::invalid then: it is configuration) and open_store.
  [[nodiscard]] static Task<Result<std::shared_ptr<MonitorService>>> start(Config config);
  /// Requires: not called by start() before it has succeeded.
  [[nodiscard]] Task<> stop();
  /// Takes over what can change while it runs.
  void reconfigure(const Config& config);
  [[nodiscard]] static KeyUse use_of(std::string_view key);

  void hosts_changed(const HostList& hosts, const HostListDiff& diff) override;

  [[nodiscard]] Store& store() { return *store_.store; }
  [[nodiscard]] const HostFile& hosts() const { return hosts_; }
  [[nodiscard]] const Monitor& monitor() const { return monitor_; }

  MonitorService(asio::any_io_executor executor, const Config& config, HostFile hosts,
                 OpenedStore store);

 private:
  Task<Result<void>> open();
  static Task<> watch(std::shared_ptr<MonitorService> self);
  static Task<> keep_up(std::shared_ptr<MonitorService> self);
  void check_open_files() const;
  void spawn(Task<> task, asio::cancellation_signal& cancel);

  asio::any_io_executor executor_;
  HostFile hosts_;
  OpenedStore store_;
  std::uint64_t open_files_max_;
  std::size_t connections_max_;
  Monitor monitor_;
  std::unique_ptr<HttpServer> server_;
  asio::cancellation_signal cancel_watch_;
  asio::cancellation_signal cancel_upkeep_;
};

}  // namespace plimsoll
