#include "agent/ping_socket.h"

#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

namespace plimsoll {
namespace {

constexpr std::size_t payload_bytes = 24;
using Packet = std::array<unsigned char, sizeof(icmphdr) + payload_bytes>;

/// RFC 1071.
std::uint16_t checksum(const Packet& packet) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < packet.size(); i += 2) {
    sum += static_cast<std::uint32_t>(packet.at(i) << 8U) + packet.at(i + 1);
  }
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  sum += sum >> 16U;
  return htons(static_cast<std::uint16_t>(~sum));
}

std::uint16_t our_id() { return static_cast<std::uint16_t>(::getpid()); }

Packet make_request(std::uint16_t sequence) {
  icmphdr header{};
  header.type = ICMP_ECHO;
  header.un.echo.id = htons(our_id());
  header.un.echo.sequence = htons(sequence);
  Packet packet{};
  std::memcpy(packet.data(), &header, sizeof header);
  header.checksum = checksum(packet);
  std::memcpy(packet.data(), &header, sizeof header);
  return packet;
}

int open_connected(int type, const asio::ip::address_v4& address) {
  const int fd = ::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd < 0) return -1;
  asio::ip::udp::endpoint endpoint{address, 0};
  if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

std::optional<PingSocket> PingSocket::open(const asio::any_io_executor& executor,
                                           const asio::ip::address_v4& address) {
  for (const bool raw : {false, true}) {
    const int fd = open_connected(raw ? SOCK_RAW : SOCK_DGRAM, address);
    if (fd >= 0) return PingSocket{executor, fd, raw};
  }
  return std::nullopt;
}

PingSocket::PingSocket(const asio::any_io_executor& executor, int fd, bool raw)
    : descriptor_(std::make_unique<asio::posix::stream_descriptor>(executor, fd)), raw_(raw) {}

bool PingSocket::take_echo(std::uint16_t sequence) {
  std::array<unsigned char, 512> bytes{};
  const auto got = ::recv(descriptor_->native_handle(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  // A raw socket shows the IP header, and our own requests when they are looped back.
  const std::size_t skip = raw_ ? (bytes.front() & 0x0FU) * std::size_t{4} : 0;
  icmphdr header{};
  if (static_cast<std::size_t>(got) < skip + sizeof header) return false;
  std::memcpy(&header, bytes.data() + skip, sizeof header);
  if (header.type != ICMP_ECHOREPLY || ntohs(header.un.echo.sequence) != sequence) return false;
  return !raw_ || ntohs(header.un.echo.id) == our_id();
}

Task<Result<double>> PingSocket::echo(std::uint16_t sequence) {
  const Packet request = make_request(sequence);
  const auto start = std::chrono::steady_clock::now();
  if (::send(descriptor_->native_handle(), request.data(), request.size(), 0) < 0) {
    co_return Error{Errc::unreachable, "ping: cannot send"};
  }
  for (;;) {
    const auto [error] = co_await descriptor_->async_wait(asio::posix::stream_descriptor::wait_read,
                                                          asio::as_tuple(asio::use_awaitable));
    if (error) co_return Error{Errc::cancelled, "ping: stopped"};
    if (!take_echo(sequence)) continue;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    co_return took.count();
  }
}

}  // namespace plimsoll
