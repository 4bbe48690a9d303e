#pragma once

#include <cassert>
#include <memory>
#include <optional>

#include "docker/engine.h"
#include "remote/hand_client.h"
#include "remote/ssh_session.h"

namespace plimsoll {

/// A host to work on: its SSH session, and its Docker engine through it. The connection is made on
/// first use, and made anew after forget().
///
/// With an order it is for acting: our executable is brought there, and the engine is reached
/// through its gate, so that nothing passes any more once a newer order is known there. Without one
/// it is for looking.
class RemoteHost {
 public:
  RemoteHost(asio::any_io_executor executor, Host host, SshConfig config);

  /// From the next connection on.
  void act_for(HandOrder order) { order_ = std::move(order); }
  /// Errors: SshSession::open's; ensure_hand's; unreachable - no Docker engine answers there.
  [[nodiscard]] Task<Result<void>> connect();
  /// Drops a connection that may be broken.
  void forget();
  /// Requires: connect() succeeded and forget() was not called since; hand(): with an order.
  [[nodiscard]] SshSession& ssh() { return *session_; }
  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] Hand& hand() { return *hand_; }
  [[nodiscard]] const Host& host() const { return host_; }
  /// What belongs to the order's move alone on that host. Requires: act_for() was called.
  [[nodiscard]] std::string move_folder() const {
    assert(order_);
    return "/run/plimsoll/" + order_->move.str();
  }

 private:
  Task<Result<HttpTarget>> reach_engine();

  asio::any_io_executor executor_;
  Host host_;
  SshConfig config_;
  std::optional<HandOrder> order_;
  std::unique_ptr<SshSession> session_;
  std::unique_ptr<Hand> hand_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace plimsoll
