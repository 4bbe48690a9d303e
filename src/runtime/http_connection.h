#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/http_server.h"
#include "runtime/net_stream.h"

namespace plimsoll {

/// One client's connection to a server: its requests, one after another.
/// Thread: used from its executor only.
class HttpConnection {
 public:
  using Clock = std::chrono::steady_clock;

  /// `tls`: the session to come, or null.
  HttpConnection(NetStream::Socket socket, std::string peer, const HttpServerConfig& config,
                 std::shared_ptr<HttpHandler> handler, std::unique_ptr<TlsSession> tls);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// Until the client goes, fails or takes too long, or close() is called.
  [[nodiscard]] Task<> run();
  void close();

  [[nodiscard]] const std::string& peer() const;
  /// Since when the client is waited for, to send a request or to take its answer; nothing while
  /// the handler is at work.
  [[nodiscard]] std::optional<Clock::time_point> waiting_since() const;

 private:
  struct Exchange;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// What is looked at when room has to be made.
struct ConnectionState {
  std::string_view peer;
  std::optional<HttpConnection::Clock::time_point> waiting_since;
};

/// The one to close: of the peer with the most connections, that which has waited longest. Nothing
/// where all are being answered.
[[nodiscard]] std::optional<std::size_t> connection_to_close(
    const std::vector<ConnectionState>& connections);

}  // namespace plimsoll
