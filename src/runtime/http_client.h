#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/time.h"
#include "runtime/asio.h"
#include "runtime/http.h"

namespace plimsoll {

/// Memory that the long answers of many clients share, so that all of them together stay bounded.
/// Thread: as the clients.
struct ByteBudget {
  std::size_t bytes_left = 0;
};

struct HttpLimits {
  std::size_t body_bytes_max = 8U << 20;  ///< A longer answer is Errc::too_large.
  std::size_t header_bytes_max = 16U << 10;
  /// What an answer's body takes beyond 64 KiB while it comes in is taken from here; where nothing
  /// is left the answer is Errc::too_large. Null: no such bound. Outlives the client.
  ByteBudget* budget = nullptr;
};

/// Where a name leads, in the order to try.
using HttpAddresses = std::shared_ptr<const std::vector<asio::ip::address>>;

/// Takes the body of an answer as it comes. `chunk` is valid until the call is over.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Task<Result<void>> write(std::string_view chunk) = 0;
};

/// Gives the body of a request, chunk by chunk; an empty chunk ends it.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Task<Result<std::string>> read() = 0;
};

/// One keep-alive connection to one HTTP/1.1 server, made on first use and made anew when the
/// server has closed it. One request at a time: not to be shared by coroutines that overlap.
///
/// Errors: unreachable (no connection), timeout, too_large, malformed (not HTTP), io (cut off in
/// the middle). A status of 4xx or 5xx is an answer, not an error. Messages start with the target.
/// Thread: used from its executor only.
class HttpClient {
 public:
  HttpClient(asio::any_io_executor executor, HttpTarget target, HttpLimits limits = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Sends the request and reads the whole answer; all of it, connecting too, within `timeout`.
  [[nodiscard]] Task<Result<HttpResponse>> send(HttpRequest request, Duration timeout);

  /// Like send, but a 2xx body goes to `sink` in pieces, without the bound on its size; the
  /// response's body stays empty then. `idle_timeout` bounds each step, not the whole.
  [[nodiscard]] Task<Result<HttpResponse>> download(HttpRequest request, ByteSink& sink,
                                                    Duration idle_timeout);

  /// Like send, with a chunked request body read from `source`.
  [[nodiscard]] Task<Result<HttpResponse>> upload(HttpRequest request, ByteSource& source,
                                                  Duration idle_timeout);

  /// Where to connect from now on, instead of looking up the target's host. A connection to any
  /// other address is dropped. Each address gets its share of the time-out.
  /// Requires: not null, not empty; no request under way.
  void use_addresses(HttpAddresses addresses);

  /// Drops the connection; the next request makes a new one. Requires: no request under way.
  void close();
  [[nodiscard]] bool is_connected() const;

  [[nodiscard]] const HttpTarget& target() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
