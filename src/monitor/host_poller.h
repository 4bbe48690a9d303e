#pragma once

#include <memory>
#include <utility>

#include "monitor/agent_client.h"
#include "monitor/host_status.h"

namespace plimsoll {

class HostPoller;

/// Takes what polls give.
class PollSink {
 public:
  virtual ~PollSink() = default;
  /// `status` is still that of before the poll.
  virtual void polled(HostPoller& host, PollOutcome outcome) = 0;
  /// It was not asked, since it has been down for a while.
  virtual void passed_over(HostPoller& host) = 0;
  /// It was not asked, since the last poll has not ended.
  virtual void overlapped(HostPoller& host) = 0;
};

/// Polls one host each time it is told to. One that hangs holds up only itself.
/// Thread: used from its executor only.
class HostPoller : public std::enable_shared_from_this<HostPoller> {
 public:
  /// Requires: `sink` outlives the time until stop().
  HostPoller(asio::any_io_executor executor, Host host, std::shared_ptr<const AgentAccess> access,
             PollSink* sink);

  /// The host's turn has come. True: a poll has begun.
  [[nodiscard]] bool turn();
  /// Whether a poll has begun since this was asked last: the place it held among those under way.
  [[nodiscard]] bool give_back_place() { return std::exchange(holds_place_, false); }
  /// The sink is not called any more.
  void stop();

  [[nodiscard]] const Host& host() const { return host_; }
  /// Takes what changed about the host; false where it needs a new poller.
  [[nodiscard]] bool update(const Host& host);
  void use(std::shared_ptr<const AgentAccess> access) { client_.use(std::move(access)); }
  /// Whether the connection stays open between two polls.
  void keep_connection(bool keep) { keeps_connection_ = keep; }
  [[nodiscard]] bool keeps_connection() const { return keeps_connection_; }

  HostStatus status;

 private:
  static Task<> run(std::shared_ptr<HostPoller> self);
  void ended(const std::exception_ptr& thrown);

  asio::any_io_executor executor_;
  Host host_;
  AgentClient client_;
  PollSink* sink_;
  asio::cancellation_signal cancel_;
  bool keeps_connection_ = true;
  bool under_way_ = false;
  bool holds_place_ = false;
  bool stopped_ = false;
};

}  // namespace plimsoll
