#include "monitor/host_poller.h"

namespace plimsoll {

HostPoller::HostPoller(const asio::any_io_executor& executor, Host host,
                       const MonitorConfig& config, PollSink* sink)
    : host_(std::move(host)),
      schedule_(host_.name, config.interval),
      client_(executor, host_, config),
      sink_(sink),
      timer_(executor) {}

void HostPoller::start() {
  // A poll that was cut short ends by an exception of Asio's, which says nothing we do not know.
  auto ended = [self = shared_from_this()](const std::exception_ptr& /*cancelled*/) {};
  asio::co_spawn(timer_.get_executor(), run(shared_from_this()),
                 asio::bind_cancellation_slot(cancel_.slot(), std::move(ended)));
}

void HostPoller::stop() {
  stopped_ = true;
  cancel_.emit(asio::cancellation_type::terminal);
}

bool HostPoller::update(const Host& host) {
  if (host.address != host_.address || host.port != host_.port || host.api != host_.api) {
    return false;
  }
  host_ = host;
  return true;
}

Task<> HostPoller::run(std::shared_ptr<HostPoller> self) {
  while (!self->stopped_) {
    self->timer_.expires_at(self->schedule_.next(Schedule::Clock::now()));
    co_await self->timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (self->stopped_) co_return;
    auto outcome = co_await self->client_.poll();
    if (self->stopped_) co_return;
    self->sink_->polled(self->host_, std::move(outcome));
  }
}

}  // namespace plimsoll
