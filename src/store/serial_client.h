#pragma once

#include <boost/asio/experimental/channel.hpp>
#include <memory>

#include "runtime/http_client.h"

namespace plimsoll {

/// An HttpClient that may be called while a call is under way: the later one waits its turn.
/// Thread: used from its executor only. Requires: outlives the calls made on it.
class SerialClient {
 public:
  SerialClient(const asio::any_io_executor& executor, HttpTarget target, HttpLimits limits);

  /// Sends the request, and once more when the connection broke in the middle: only for requests
  /// that may arrive twice.
  /// Errors: as HttpClient's, with unreachable for io; cancelled - while waiting. The time-out
  /// bounds the wait for the request's turn, and counts anew from there.
  [[nodiscard]] Task<Result<HttpResponse>> send(HttpRequest request, Duration timeout);

 private:
  using Turn = asio::experimental::channel<void(boost::system::error_code)>;

  [[nodiscard]] Task<Result<void>> take_turn(Duration at_most);

  HttpClient client_;
  std::shared_ptr<Turn> turn_;  // holds one message while a request is under way
};

}  // namespace plimsoll
