#include "monitor_service.h"

#include "runtime/deadline.h"
#include "runtime/log.h"
#include "store/sqlite_store.h"

namespace plimsoll {
namespace {

constexpr Duration purge_every = std::chrono::minutes{10};

}  // namespace

MonitorService::MonitorService(asio::any_io_executor executor, const Config& config, HostFile hosts,
                               OpenedStore store)
    : executor_(std::move(executor)),
      hosts_(std::move(hosts)),
      store_(std::move(store)),
      monitor_(executor_, config.monitor, *store_.store, store_.state) {}

Task<Result<std::shared_ptr<MonitorService>>> MonitorService::start(Config config) {
  const auto executor = co_await asio::this_coro::executor;
  auto hosts = HostFile::open(config.hosts);
  if (!hosts) co_return Error{Errc::invalid, hosts.error().message};
  auto store = co_await open_store(config, Absence::is_waited_out);
  if (!store) co_return store.error();
  auto service =
      std::make_shared<MonitorService>(executor, config, std::move(*hosts), std::move(*store));
  service->monitor_.start(service->hosts_.hosts());
  service->spawn(watch(service), service->cancel_watch_);
  service->spawn(purge(service), service->cancel_purge_);
  co_return service;
}

void MonitorService::spawn(Task<> task, asio::cancellation_signal& cancel) {
  auto ended = [self = shared_from_this()](const std::exception_ptr& /*cancelled*/) {};
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(cancel.slot(), std::move(ended)));
}

Task<> MonitorService::watch(std::shared_ptr<MonitorService> self) {
  co_await self->hosts_.watch(&self->monitor_);
}

/// The embedded store forgets only when told to.
Task<> MonitorService::purge(std::shared_ptr<MonitorService> self) {
  auto* sqlite = dynamic_cast<SqliteStore*>(self->store_.store.get());
  while (sqlite != nullptr) {
    const auto gone = co_await sqlite->purge(wall_clock_now() - sqlite_raw_retention);
    if (!gone) log::warning("{}", gone.error().message);
    const bool go_on = co_await sleep_for(purge_every);
    if (!go_on) co_return;
  }
}

Task<> MonitorService::stop() {
  cancel_watch_.emit(asio::cancellation_type::terminal);
  cancel_purge_.emit(asio::cancellation_type::terminal);
  co_await monitor_.stop();
}

}  // namespace plimsoll
