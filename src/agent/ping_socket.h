#pragma once

#include <memory>
#include <optional>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

/// ICMP echoes to one IPv4 address: by the kernel's unprivileged ping socket (icmp(7)), or a raw
/// one where only that is allowed.
class PingSocket {
 public:
  /// Nothing where neither kind is allowed, or there is no route.
  [[nodiscard]] static std::optional<PingSocket> open(const asio::any_io_executor& executor,
                                                      const asio::ip::address_v4& address);

  /// Sends one and waits for its echo, for as long as it is let. Unit: ms.
  /// Errors: unreachable, cancelled.
  [[nodiscard]] Task<Result<double>> echo(std::uint16_t sequence);

 private:
  PingSocket(const asio::any_io_executor& executor, int fd, bool raw);
  [[nodiscard]] bool take_echo(std::uint16_t sequence);

  std::unique_ptr<asio::posix::stream_descriptor> descriptor_;
  bool raw_;
};

}  // namespace plimsoll
