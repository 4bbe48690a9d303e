#include "monitor/host_poller.h"

namespace plimsoll {

HostPoller::HostPoller(asio::any_io_executor executor, Host host,
                       std::shared_ptr<const AgentAccess> access, PollSink* sink)
    : executor_(std::move(executor)),
      host_(std::move(host)),
      client_(executor_, host_, std::move(access)),
      sink_(sink) {}

bool HostPoller::turn() {
  if (under_way_) {
    sink_->overlapped(*this);
    return false;
  }
  if (status.to_skip > 0) {
    --status.to_skip;
    sink_->passed_over(*this);
    return false;
  }
  under_way_ = true;
  holds_place_ = true;
  auto end = [self = shared_from_this()](const std::exception_ptr& thrown) { self->ended(thrown); };
  asio::co_spawn(executor_, run(shared_from_this()),
                 asio::bind_cancellation_slot(cancel_.slot(), std::move(end)));
  return true;
}

void HostPoller::stop() {
  stopped_ = true;
  if (!under_way_) return;
  cancel_.emit(asio::cancellation_type::terminal);
  // What emit() has queued looks at cancel_ once more, perhaps after the poll has ended.
  asio::post(executor_, [self = shared_from_this()] {});
}

bool HostPoller::update(const Host& host) {
  if (host.address != host_.address || host.port != host_.port || host.api != host_.api ||
      host.tls != host_.tls) {
    return false;
  }
  host_ = host;
  return true;
}

Task<> HostPoller::run(std::shared_ptr<HostPoller> self) {
  auto outcome = co_await self->client_.poll();
  if (self->stopped_) co_return;
  if (!self->keeps_connection_) self->client_.disconnect();
  self->sink_->polled(*self, std::move(outcome));
}

/// A poll that was cut short ends by an exception of Asio's, which says nothing we do not know; any
/// other is a mistake of ours that must not look like a silent host.
void HostPoller::ended(const std::exception_ptr& thrown) {
  under_way_ = false;
  if (!thrown || stopped_) return;
  PollOutcome outcome{Error{}, {}, 0, {}, {}};
  outcome.fail("internal", Error{Errc::cancelled, host_.address + ": the poll was given up"});
  sink_->polled(*this, std::move(outcome));
}

}  // namespace plimsoll
