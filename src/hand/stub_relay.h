#pragma once

#include <cstdint>
#include <memory>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Where connections are led to. While it does not answer, one of those who wait tries, and the
/// others wait for that, so that a thousand held clients are one connection attempt at a time.
class StubDestination {
 public:
  StubDestination(asio::any_io_executor executor, asio::ip::tcp::endpoint endpoint)
      : endpoint_(std::move(endpoint)), changed_(executor, Timer::time_point::max()) {}

  /// A connection to it. Errors: timeout - it did not answer in time.
  [[nodiscard]] Task<Result<asio::ip::tcp::socket>> connect(Duration at_most);

 private:
  using Timer = asio::steady_timer;
  Task<Result<asio::ip::tcp::socket>> try_once();
  Task<> wait_for_change(Timer::time_point until);

  asio::ip::tcp::endpoint endpoint_;
  Timer changed_;  ///< Cancelled whenever somebody has learnt something.
  bool answers_ = false;
  bool tried_ = false;  ///< Somebody is trying.
};

/// Passes bytes both ways until both sides have ended; an end of one side is passed on as such.
[[nodiscard]] Task<> relay(asio::ip::tcp::socket* a, asio::ip::tcp::socket* b);

}  // namespace plimsoll
