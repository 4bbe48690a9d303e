#include "monitor/monitor.h"

#include <map>

#include "core/text.h"
#include "monitor/host_poller.h"
#include "runtime/log.h"
#include "telemetry/points.h"

namespace plimsoll {

class Monitor::Impl final : public PollSink, public std::enable_shared_from_this<Monitor::Impl> {
 public:
  Impl(asio::any_io_executor executor, MonitorConfig config, Store& store, StoreState state,
       WallClock clock)
      : executor_(std::move(executor)),
        config_(std::move(config)),
        clock_(std::move(clock)),
        queue_(config_.queue_points_max),
        writer_(executor_, config_, store, state, queue_),
        writer_ended_(executor_, asio::steady_timer::time_point::max()) {}

  void start(const HostList& hosts);
  void apply(const HostListDiff& diff);
  void abandon();
  Task<> stop();
  void polled(const Host& host, PollOutcome outcome) override;

  [[nodiscard]] const LiveFleet& fleet() const { return fleet_; }
  [[nodiscard]] MonitorCounters counters() const;

 private:
  static Task<> write(std::shared_ptr<Impl> self);
  void stop_polls();
  void add(const Host& host);
  void remove(const HostId& name);
  void change(const Host& host);
  void tell_of_change(const Host& host) const;

  asio::any_io_executor executor_;
  MonitorConfig config_;
  WallClock clock_;
  PointQueue queue_;
  StoreWriter writer_;
  asio::steady_timer writer_ended_;
  asio::cancellation_signal writer_cancel_;
  bool writing_ = false;
  LiveFleet fleet_;
  std::map<HostId, std::shared_ptr<HostPoller>> pollers_;
  std::uint64_t polls_ = 0;
  std::uint64_t polls_failed_ = 0;
};

Task<> Monitor::Impl::write(std::shared_ptr<Impl> self) { co_await self->writer_.run(); }

void Monitor::Impl::start(const HostList& hosts) {
  writing_ = true;
  auto ended = [self = shared_from_this()](const std::exception_ptr& /*cancelled*/) {
    self->writing_ = false;
    self->writer_ended_.cancel();
  };
  asio::co_spawn(executor_, write(shared_from_this()),
                 asio::bind_cancellation_slot(writer_cancel_.slot(), std::move(ended)));
  for (const auto& host : hosts) add(host);
}

void Monitor::Impl::add(const Host& host) {
  auto poller = std::make_shared<HostPoller>(executor_, host, config_, this);
  poller->start();
  pollers_[host.name] = std::move(poller);
}

void Monitor::Impl::remove(const HostId& name) {
  const auto found = pollers_.find(name);
  if (found == pollers_.end()) return;
  found->second->stop();
  pollers_.erase(found);
}

void Monitor::Impl::change(const Host& host) {
  const auto found = pollers_.find(host.name);
  if (found != pollers_.end() && found->second->update(host)) return;
  remove(host.name);
  add(host);
}

void Monitor::Impl::apply(const HostListDiff& diff) {
  for (const auto& host : diff.removed) {
    remove(host.name);
    fleet_.forget(host.name);
  }
  for (const auto& host : diff.changed) change(host);
  for (const auto& host : diff.added) add(host);
}

void Monitor::Impl::stop_polls() {
  for (const auto& [name, poller] : pollers_) poller->stop();
  pollers_.clear();
}

void Monitor::Impl::abandon() {
  stop_polls();
  if (writing_) writer_cancel_.emit(asio::cancellation_type::terminal);
}

Task<> Monitor::Impl::stop() {
  stop_polls();
  writer_.stop();
  if (!writing_) co_return;
  writer_ended_.expires_after(config_.flush_timeout);
  co_await writer_ended_.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!writing_) co_return;
  log::warning("the store takes too long; what was not written is lost");
  writer_cancel_.emit(asio::cancellation_type::terminal);
  writer_ended_.expires_after(config_.flush_timeout);
  co_await writer_ended_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Monitor::Impl::polled(const Host& host, PollOutcome outcome) {
  const TimePoint at = clock_();
  ++polls_;
  if (fleet_.note(host.name, outcome, at)) tell_of_change(host);
  std::vector<Point> points;
  if (outcome.reading) {
    points = points_of(host.name, *outcome.reading, at, config_.container_id_tag);
  } else {
    ++polls_failed_;
  }
  auto& poll = points.emplace_back(monitor_point(host.name, at, outcome.reading.has_value(),
                                                 outcome.took, outcome.bytes, outcome.error_class));
  if (!outcome.reading) {
    poll.fields.emplace_back("error", printable(outcome.reading.error().message));
  }
  queue_.push(std::move(points));
  writer_.pushed();
}

void Monitor::Impl::tell_of_change(const Host& host) const {
  const auto& live = fleet_.hosts().at(host.name);
  if (live.up) {
    log::info("{} ({}:{}): up", host.name.str(), host.address, host.port);
  } else {
    log::warning("{}: {}", host.name.str(), live.error);
  }
}

MonitorCounters Monitor::Impl::counters() const {
  MonitorCounters counters;
  counters.polls = polls_;
  counters.polls_failed = polls_failed_;
  counters.points_written = writer_.written();
  counters.points_rejected = writer_.rejected();
  counters.points_dropped = queue_.dropped();
  counters.points_waiting = queue_.size();
  return counters;
}

Monitor::Monitor(asio::any_io_executor executor, MonitorConfig config, Store& store,
                 StoreState state, WallClock clock)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(config), store, state,
                                   std::move(clock))) {}
Monitor::~Monitor() { impl_->abandon(); }

void Monitor::start(const HostList& hosts) { impl_->start(hosts); }

void Monitor::hosts_changed(const HostList& /*hosts*/, const HostListDiff& diff) {
  impl_->apply(diff);
}

Task<> Monitor::stop() { return impl_->stop(); }

const LiveFleet& Monitor::fleet() const { return impl_->fleet(); }

MonitorCounters Monitor::counters() const { return impl_->counters(); }

}  // namespace plimsoll
