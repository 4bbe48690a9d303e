#pragma once

#include <memory>

#include "monitor/agent_client.h"
#include "monitor/schedule.h"

namespace plimsoll {

/// Takes what polls give.
class PollSink {
 public:
  virtual ~PollSink() = default;
  virtual void polled(const Host& host, PollOutcome outcome) = 0;
};

/// Polls one host again and again until stopped. One that hangs holds up only itself.
/// Thread: used from its executor only.
class HostPoller : public std::enable_shared_from_this<HostPoller> {
 public:
  /// Requires: `sink` outlives the time until stop().
  HostPoller(const asio::any_io_executor& executor, Host host, const MonitorConfig& config,
             PollSink* sink);

  void start();
  /// The sink is not called any more.
  void stop();

  [[nodiscard]] const Host& host() const { return host_; }
  /// Takes what changed about the host; false where it needs a new poller.
  [[nodiscard]] bool update(const Host& host);

 private:
  static Task<> run(std::shared_ptr<HostPoller> self);

  Host host_;
  Schedule schedule_;
  AgentClient client_;
  PollSink* sink_;
  asio::steady_timer timer_;
  asio::cancellation_signal cancel_;
  bool stopped_ = false;
};

}  // namespace plimsoll
