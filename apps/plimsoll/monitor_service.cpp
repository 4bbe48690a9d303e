#include "monitor_service.h"

#include <algorithm>
#include <array>

#include "runtime/deadline.h"
#include "runtime/log.h"
#include "runtime/process_stats.h"

namespace plimsoll {
namespace {

constexpr Duration upkeep_every = std::chrono::minutes{1};

/// A quarter of the files that may be open, where that is less than monitor.polls_max, is for polls
/// under way; connections stay open in the rest, but for what else comes and goes.
MonitorConfig fitted(MonitorConfig config, std::uint64_t open_files_max) {
  constexpr std::uint64_t others = 64;
  config.polls_max =
      std::clamp(open_files_max / 4, std::uint64_t{1}, std::uint64_t{config.polls_max});
  const auto reserve = others + config.polls_max;
  config.connections_max = open_files_max > reserve ? open_files_max - reserve : 1;
  return config;
}

/// The monitor's writer opens it.
Result<OpenedStore> unopened_store(const asio::any_io_executor& executor, const Config& config) {
  auto made = make_store(executor, config.store);
  if (!made) return made.error();
  return OpenedStore{std::move(*made), StoreState::closed};
}

}  // namespace

MonitorService::MonitorService(asio::any_io_executor executor, const Config& config, HostFile hosts,
                               OpenedStore store)
    : executor_(std::move(executor)),
      hosts_(std::move(hosts)),
      store_(std::move(store)),
      open_files_max_(raise_open_files_limit()),
      connections_max_(fitted(config.monitor, open_files_max_).connections_max),
      monitor_(executor_, fitted(config.monitor, open_files_max_), *store_.store, store_.state) {}

Task<Result<std::shared_ptr<MonitorService>>> MonitorService::start(Config config) {
  const auto executor = co_await asio::this_coro::executor;
  auto hosts = HostFile::open(config.hosts);
  if (!hosts) co_return Error{Errc::invalid, hosts.error().message};
  const auto spool = try_spool(config);
  if (!spool && spool.error().code == Errc::conflict) co_return spool.error();
  auto found = unopened_store(executor, config);
  if (!spool) found = co_await open_store(config, Absence::is_waited_out);
  if (!found) co_return found.error();
  auto service =
      std::make_shared<MonitorService>(executor, config, std::move(*hosts), std::move(*found));
  if (!config.monitor.listen.empty()) {
    auto server = start_monitor_server(executor, config.monitor, service->monitor_);
    if (!server) co_return server.error();
    service->server_ = std::move(*server);
    log::info("metrics: http://{}/metrics", service->server_->address());
  }
  service->check_open_files();
  if (spool) service->monitor_.hold_store();
  service->monitor_.start(service->hosts_.hosts());
  service->spawn(watch(service), service->cancel_watch_);
  if (spool) {
    const auto opened = co_await service->open();
    if (!opened) co_return opened.error();
  }
  service->spawn(keep_up(service), service->cancel_upkeep_);
  co_return service;
}

/// While the polls go on and their points wait: a store that does not answer costs none of them.
/// What cannot be waited out ends the command.
Task<Result<void>> MonitorService::open() {
  const auto opened = co_await store_.store->open();
  if (opened || is_waited_out(opened.error(), Absence::is_waited_out_with_disk)) {
    monitor_.let_store_go();
    co_return Result<void>{};
  }
  co_await stop();
  co_return opened.error();
}

void MonitorService::spawn(Task<> task, asio::cancellation_signal& cancel) {
  auto ended = [self = shared_from_this()](const std::exception_ptr& /*cancelled*/) {};
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(cancel.slot(), std::move(ended)));
}

Task<> MonitorService::watch(std::shared_ptr<MonitorService> self) {
  co_await self->hosts_.watch(self.get());
}

void MonitorService::hosts_changed(const HostList& hosts, const HostListDiff& diff) {
  monitor_.hosts_changed(hosts, diff);
  if (!diff.added.empty()) check_open_files();
}

void MonitorService::check_open_files() const {
  const std::size_t hosts = hosts_.hosts().size();
  if (hosts <= connections_max_) return;
  log::warning(
      "{} hosts, but only {} files may be open: {} hosts are connected to anew for each poll; "
      "raise the limit (ulimit -n, or LimitNOFILE= in the systemd unit) to {} or more",
      hosts, open_files_max_, hosts - connections_max_, hosts + hosts / 2 + 128);
}

void MonitorService::reconfigure(const Config& config) {
  const auto fit = fitted(config.monitor, open_files_max_);
  connections_max_ = fit.connections_max;
  monitor_.reconfigure(fit);
}

KeyUse MonitorService::use_of(std::string_view key) {
  constexpr std::array live{"monitor.interval", "monitor.timeout", "monitor.backoff_max",
                            "monitor.polls_max", "agent.token_file"};
  if (std::ranges::find(live, key) != live.end()) return KeyUse::live;
  const bool ours = key.starts_with("monitor.") || key.starts_with("store.") || key == "hosts" ||
                    key == "data_dir";
  return ours ? KeyUse::restart : KeyUse::none;
}

/// What the embedded store has to do besides writing.
Task<> MonitorService::keep_up(std::shared_ptr<MonitorService> self) {
  for (;;) {
    const auto done = co_await self->store_.store->upkeep(wall_clock_now());
    if (!done && done.error().code != Errc::unreachable) log::warning("{}", done.error().message);
    if (done) {
      for (const auto& note : done->notes) log::warning("{}", note);
    }
    const bool go_on = co_await sleep_for(upkeep_every);
    if (!go_on) co_return;
  }
}

Task<> MonitorService::stop() {
  cancel_watch_.emit(asio::cancellation_type::terminal);
  cancel_upkeep_.emit(asio::cancellation_type::terminal);
  server_.reset();
  co_await monitor_.stop();
}

}  // namespace plimsoll
