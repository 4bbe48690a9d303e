#pragma once

#include <memory>

#include "docker/engine.h"
#include "remote/ssh_session.h"

namespace plimsoll {

/// A host to work on: its SSH session and its Docker engine through it. The connection is made on
/// first use, and made anew after forget().
class RemoteHost {
 public:
  RemoteHost(asio::any_io_executor executor, Host host, SshConfig config);

  /// Errors: SshSession::open's; unreachable - no Docker engine answers there.
  [[nodiscard]] Task<Result<void>> connect();
  /// Drops a connection that may be broken.
  void forget();
  /// Requires: connect() succeeded and forget() was not called since.
  [[nodiscard]] SshSession& ssh() { return *session_; }
  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] const Host& host() const { return host_; }

 private:
  asio::any_io_executor executor_;
  Host host_;
  SshConfig config_;
  std::unique_ptr<SshSession> session_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace plimsoll
