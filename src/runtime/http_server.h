#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "core/time.h"
#include "runtime/asio.h"
#include "runtime/http.h"

namespace plimsoll {

/// What is to become of a request whose head is in and whose body is not.
struct Admission {
  std::size_t body_bytes_max = 0;       ///< A longer body is answered with 413.
  bool discard_body = false;            ///< Read and counted, not kept.
  std::optional<HttpResponse> refusal;  ///< The answer, at once; the body is not read then.
};

/// Answers requests. Lives as long as its server.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual Task<HttpResponse> handle(HttpRequest request) = 0;
  /// Looks at the head of a request first: nobody should be able to fill the memory with the body
  /// of a request that is refused in the end. `usual` has the server's bound.
  [[nodiscard]] virtual Admission admit(const HttpRequest& /*head*/, Admission usual) {
    return usual;
  }
};

struct HttpServerConfig {
  std::string listen = "127.0.0.1:0";  ///< ADDRESS:PORT, or [ADDRESS]:PORT for IPv6; 0 = any port.
  /// When there are more, room is made: of the client address with the most connections the one
  /// goes that has waited longest for a request to come in whole. Who sends requests is not
  /// hindered by those who only connect.
  std::size_t connections_max = 1024;
  std::size_t body_bytes_max = 1U << 20;
  std::size_t header_bytes_max = 16U << 10;
  Duration idle_timeout{75'000};     ///< From an answer to the first byte of the next request.
  Duration request_timeout{10'000};  ///< From there to its end; for the TLS handshake too.
  Duration answer_timeout{30'000};   ///< For an answer to be taken.
  /// PEM files; both or none. They are followed while they are replaced (TlsIdentity).
  std::string tls_cert, tls_key;
  Duration follow_files_every{1'000};
};

/// An HTTP/1.1 server with keep-alive on one executor, under TLS where a certificate is given.
/// Oversized and malformed requests get their 4xx and the connection is closed; a handler that
/// throws gives 500 without the exception's text.
class HttpServer {
 public:
  /// Binds and starts to serve at once.
  /// Errors: invalid - `listen` cannot be read; conflict - the address is in use; io; as
  /// TlsIdentity::load.
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
