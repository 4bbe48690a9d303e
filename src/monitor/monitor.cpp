#include "monitor/monitor.h"

#include <fmt/format.h>

#include <map>

#include "core/text.h"
#include "monitor/back_off.h"
#include "monitor/host_poller.h"
#include "monitor/poll_queue.h"
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
        access_(make_agent_access(executor_, config_, clock_)),
        turns_(config_.interval),
        next_turn_(executor_),
        queue_(executor_, config_.spool),
        writer_(executor_, config_, store, state, queue_),
        writer_ended_(executor_, asio::steady_timer::time_point::max()) {}

  void start(const HostList& hosts);
  void apply(const HostListDiff& diff);
  void reconfigure(const MonitorConfig& config);
  void abandon();
  Task<> stop();

  void polled(HostPoller& host, PollOutcome outcome) override;
  void passed_over(HostPoller& host) override;
  void overlapped(HostPoller& /*host*/) override { ++counted_.polls_overlapped; }

  [[nodiscard]] std::vector<HostEntry> hosts() const;
  [[nodiscard]] MonitorCounters counters() const;
  [[nodiscard]] StoreWriter& writer() { return writer_; }

 private:
  using Clock = PollQueue::Clock;

  static Task<> write(std::shared_ptr<Impl> self);
  static Task<> pace(std::shared_ptr<Impl> self);
  void take_turns();
  void stop_polls();
  void add(const Host& host);
  void add_poller(const Host& host);
  void remove(const HostId& name);
  void change(const Host& host);
  void share_connections();
  void give_back_place(HostPoller& poller);
  void note(HostPoller& host, const PollOutcome& outcome, TimePoint at);
  void count(const PollOutcome& outcome);
  void push(const std::vector<Point>& points);

  asio::any_io_executor executor_;
  MonitorConfig config_;
  WallClock clock_;
  std::shared_ptr<const AgentAccess> access_;
  PollQueue turns_;
  asio::steady_timer next_turn_;
  PointQueue queue_;
  StoreWriter writer_;
  asio::steady_timer writer_ended_;
  asio::cancellation_signal writer_cancel_;
  bool stopped_ = false;
  bool writing_ = false;
  std::size_t under_way_ = 0;
  std::map<HostId, std::shared_ptr<HostPoller>> pollers_;
  MonitorCounters counted_;
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
  for (const auto& host : hosts) {
    add_poller(host);
    turns_.add(host.name, Clock::now());
  }
  share_connections();
  asio::co_spawn(executor_, pace(shared_from_this()), asio::detached);
}

Task<> Monitor::Impl::pace(std::shared_ptr<Impl> self) {
  while (!self->stopped_) {
    self->take_turns();
    self->next_turn_.expires_at(self->turns_.next(Clock::now()));
    co_await self->next_turn_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void Monitor::Impl::take_turns() {
  const auto room = config_.polls_max - std::min(config_.polls_max, under_way_);
  for (const auto& due : turns_.take(Clock::now(), room)) {
    counted_.polls_missed += due.missed;
    counted_.lateness.add(due.late);
    const auto found = pollers_.find(due.host);
    if (found != pollers_.end() && found->second->turn()) ++under_way_;
  }
}

void Monitor::Impl::add_poller(const Host& host) {
  pollers_[host.name] = std::make_shared<HostPoller>(executor_, host, access_, this);
}

void Monitor::Impl::add(const Host& host) {
  add_poller(host);
  turns_.add_due(host.name, Clock::now());
}

void Monitor::Impl::remove(const HostId& name) {
  const auto found = pollers_.find(name);
  if (found == pollers_.end()) return;
  found->second->stop();
  give_back_place(*found->second);
  pollers_.erase(found);
  turns_.remove(name);
}

void Monitor::Impl::change(const Host& host) {
  const auto found = pollers_.find(host.name);
  if (found != pollers_.end() && found->second->update(host)) return;
  remove(host.name);
  add(host);
}

void Monitor::Impl::apply(const HostListDiff& diff) {
  ++counted_.hosts_reloads;
  for (const auto& host : diff.removed) remove(host.name);
  for (const auto& host : diff.changed) change(host);
  for (const auto& host : diff.added) add(host);
  share_connections();
  next_turn_.cancel();
}

/// Where not all may stay open, the first by name do: always the same ones.
void Monitor::Impl::share_connections() {
  std::size_t kept = 0;
  for (const auto& [name, poller] : pollers_) {
    poller->keep_connection(config_.connections_max == 0 || kept < config_.connections_max);
    if (poller->keeps_connection()) ++kept;
  }
}

void Monitor::Impl::reconfigure(const MonitorConfig& config) {
  const bool interval_changed = config.interval != config_.interval;
  config_.interval = config.interval;
  config_.timeout = config.timeout;
  config_.backoff_max = config.backoff_max;
  config_.connections_max = config.connections_max;
  config_.polls_max = config.polls_max;
  config_.agents.token = config.agents.token;
  auto access = std::make_shared<AgentAccess>(*access_);
  access->config = config_;
  access_ = std::move(access);
  for (const auto& [name, poller] : pollers_) poller->use(access_);
  share_connections();
  if (interval_changed) turns_.set_interval(config_.interval, Clock::now());
  next_turn_.cancel();
}

void Monitor::Impl::stop_polls() {
  stopped_ = true;
  next_turn_.cancel();
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
  log::warning("the store takes too long; what was not written waits for the next start");
  writer_cancel_.emit(asio::cancellation_type::terminal);
  writer_ended_.expires_after(config_.flush_timeout);
  co_await writer_ended_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Monitor::Impl::push(const std::vector<Point>& points) {
  counted_.points_made += points.size();
  queue_.push(points);
  writer_.pushed();
}

void Monitor::Impl::count(const PollOutcome& outcome) {
  ++counted_.polls;
  counted_.answer_bytes += outcome.bytes;
  counted_.duration.add(outcome.took);
  if (outcome.reading) return;
  ++counted_.polls_failed;
  ++counted_.failures[outcome.error_class];
}

void Monitor::Impl::note(HostPoller& poller, const PollOutcome& outcome, TimePoint at) {
  const auto& host = poller.host();
  auto& status = poller.status;
  switch (status.note(outcome, at)) {
    case HostStatus::Change::none:
      break;
    case HostStatus::Change::up:
      log::info("{} ({}:{}): up", host.name.str(), host.address, host.port);
      break;
    case HostStatus::Change::down:
      log::warning("{}: {}", host.name.str(), status.error);
      break;
  }
  status.to_skip = BackOff::intervals_to_skip(status.failures, config_.interval,
                                              config_.backoff_max, stable_hash(host.name.str()));
  if (!outcome.reading) return;
  switch (status.note_clock(outcome.skew)) {
    case HostStatus::ClockChange::none:
      break;
    case HostStatus::ClockChange::off:
      log::warning("{}: its clock is {:.1f} s {} this machine's; synchronise the clocks",
                   host.name.str(), std::abs(status.skew->ahead_s),
                   status.skew->ahead_s > 0 ? "ahead of" : "behind");
      break;
    case HostStatus::ClockChange::right:
      log::info("{}: its clock is right again", host.name.str());
      break;
  }
}

void Monitor::Impl::give_back_place(HostPoller& poller) {
  if (poller.give_back_place()) --under_way_;
}

void Monitor::Impl::polled(HostPoller& poller, PollOutcome outcome) {
  give_back_place(poller);
  const TimePoint at = clock_();
  const auto& name = poller.host().name;
  count(outcome);
  note(poller, outcome, at);
  std::vector<Point> points;
  if (outcome.reading) points = points_of(name, *outcome.reading, at, config_.container_id_tag);
  auto& poll = points.emplace_back(monitor_point(name, at, outcome.reading.has_value(),
                                                 outcome.took, outcome.bytes, outcome.error_class));
  if (poller.status.skew) {
    poll.fields.emplace_back("clock_skew_s", poller.status.skew->ahead_s);
    poll.fields.emplace_back("clock_skew_uncertainty_s", poller.status.skew->uncertainty_s);
  }
  if (!outcome.reading) poll.fields.emplace_back("error", poller.status.brief);
  push(points);
}

void Monitor::Impl::passed_over(HostPoller& poller) {
  ++counted_.polls_passed_over;
  Point point{"Monitor", {{"host", poller.host().name.str()}}, {}, clock_()};
  point.fields.emplace_back("up", false);
  point.fields.emplace_back("passed_over", true);
  point.fields.emplace_back("error_class", poller.status.error_class);
  point.fields.emplace_back("error", poller.status.brief);
  std::vector<Point> points;
  points.push_back(std::move(point));
  push(points);
}

std::vector<Monitor::HostEntry> Monitor::Impl::hosts() const {
  std::vector<HostEntry> entries;
  entries.reserve(pollers_.size());
  for (const auto& [name, poller] : pollers_) entries.push_back({poller->host(), poller->status});
  return entries;
}

MonitorCounters Monitor::Impl::counters() const {
  MonitorCounters counters = counted_;
  counters.dns = access_->names->counters();
  counters.points_written = writer_.written();
  counters.points_rejected = writer_.rejected();
  counters.store_write = writer_.write_time();
  counters.store_away = writer_.away();
  counters.spool = queue_.counters();
  counters.polls_under_way = under_way_;
  for (const auto& [name, poller] : pollers_) {
    const auto& status = poller->status;
    ++(!status.polled ? counters.hosts_unknown
       : status.up    ? counters.hosts_up
                      : counters.hosts_down);
    if (status.clock_warned) ++counters.hosts_clock_off;
  }
  return counters;
}

Monitor::Monitor(asio::any_io_executor executor, MonitorConfig config, Store& store,
                 StoreState state, WallClock clock)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(config), store, state,
                                   std::move(clock))) {}
Monitor::~Monitor() { impl_->abandon(); }

void Monitor::start(const HostList& hosts) { impl_->start(hosts); }

void Monitor::hold_store() { impl_->writer().hold(); }
void Monitor::let_store_go() { impl_->writer().let_go(); }

void Monitor::hosts_changed(const HostList& /*hosts*/, const HostListDiff& diff) {
  impl_->apply(diff);
}

void Monitor::reconfigure(const MonitorConfig& config) { impl_->reconfigure(config); }

Task<> Monitor::stop() { return impl_->stop(); }

std::vector<Monitor::HostEntry> Monitor::hosts() const { return impl_->hosts(); }

MonitorCounters Monitor::counters() const { return impl_->counters(); }

}  // namespace plimsoll
