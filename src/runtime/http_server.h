#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "core/time.h"
#include "runtime/asio.h"
#include "runtime/http.h"

namespace plimsoll {

/// Answers requests. Lives as long as its server.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual Task<HttpResponse> handle(HttpRequest request) = 0;
};

struct HttpServerConfig {
  std::string listen = "127.0.0.1:0";  ///< ADDRESS:PORT, or [ADDRESS]:PORT for IPv6; 0 = any port.
  std::size_t connections_max = 1024;  ///< Further ones wait in the kernel's queue.
  std::size_t body_bytes_max = 1U << 20;
  std::size_t header_bytes_max = 16U << 10;
  Duration idle_timeout{30'000};  ///< For a request to come in whole, and for an answer to go out.
};

/// An HTTP/1.1 server with keep-alive on one executor.
/// Oversized and malformed requests get their 4xx and the connection is closed; a handler that
/// throws gives 500 without the exception's text.
class HttpServer {
 public:
  /// Binds and starts to serve at once.
  /// Errors: invalid - `listen` cannot be read; conflict - the address is in use; io.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(
      const asio::any_io_executor& executor, HttpServerConfig config,
      std::shared_ptr<HttpHandler> handler);
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const;
  /// "ADDRESS:PORT" as bound.
  [[nodiscard]] std::string address() const;

 private:
  class Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace plimsoll
