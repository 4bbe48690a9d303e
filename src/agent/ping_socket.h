#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

/// ICMP echoes to one address: by the kernel's unprivileged ping socket (icmp(7)), or a raw one
/// where only that is allowed (CAP_NET_RAW).
class PingSocket {
 public:
  /// Nothing where neither kind is allowed, or there is no route.
  [[nodiscard]] static std::optional<PingSocket> open(const asio::any_io_executor& executor,
                                                      const asio::ip::address& address);

  /// Sends one and waits for its echo, for as long as it is let. Whose answer a packet is, is known
  /// by a random number in it: a late one never counts for another request. Unit: ms.
  /// Errors: unreachable, cancelled.
  [[nodiscard]] Task<Result<double>> echo(std::uint16_t sequence);

 private:
  PingSocket(const asio::any_io_executor& executor, int fd, bool v6, bool raw);
  [[nodiscard]] bool take_echo(std::uint16_t sequence, std::uint64_t nonce);

  std::unique_ptr<asio::posix::stream_descriptor> descriptor_;
  bool v6_;
  bool raw_;
};

/// Whether this process may open the unprivileged kind, so that it needs no CAP_NET_RAW.
[[nodiscard]] bool may_ping_unprivileged();

}  // namespace plimsoll
