#include "agent/ping_socket.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <random>
#include <utility>

namespace plimsoll {
namespace {

/// An echo's header (RFC 792, RFC 4443: the same layout) and what tells ours from others'.
struct Echo {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  std::uint64_t nonce = 0;
  std::array<std::uint8_t, 16> padding{};
};
static_assert(sizeof(Echo) == 32);
using Packet = std::array<unsigned char, sizeof(Echo)>;

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

/// The kernel fills in the checksum of ICMPv6, whose sum covers the addresses too.
Packet make_request(bool v6, std::uint16_t sequence, std::uint64_t nonce) {
  Echo echo;
  echo.type = v6 ? std::uint8_t{ICMP6_ECHO_REQUEST} : std::uint8_t{ICMP_ECHO};
  echo.id = htons(our_id());
  echo.sequence = htons(sequence);
  echo.nonce = nonce;
  Packet packet{};
  std::memcpy(packet.data(), &echo, sizeof echo);
  if (v6) return packet;
  echo.checksum = checksum(packet);
  std::memcpy(packet.data(), &echo, sizeof echo);
  return packet;
}

int open_socket(bool v6, int type) {
  return ::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  v6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP});
}

int open_connected(int type, const asio::ip::address& address) {
  const int fd = open_socket(address.is_v6(), type);
  if (fd < 0) return -1;
  asio::ip::udp::endpoint endpoint{address, 0};
  if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return fd;
  ::close(fd);
  return -1;
}

std::uint64_t random_number() {
  static std::mt19937_64 source{std::random_device{}()};
  return source();
}

}  // namespace

std::optional<PingSocket> PingSocket::open(const asio::any_io_executor& executor,
                                           const asio::ip::address& address) {
  for (const bool raw : {false, true}) {
    const int fd = open_connected(raw ? SOCK_RAW : SOCK_DGRAM, address);
    if (fd >= 0) return PingSocket{executor, fd, address.is_v6(), raw};
  }
  return std::nullopt;
}

PingSocket::PingSocket(const asio::any_io_executor& executor, int fd, bool v6, bool raw)
    : descriptor_(std::make_unique<asio::posix::stream_descriptor>(executor, fd)),
      v6_(v6),
      raw_(raw) {}

bool PingSocket::take_echo(std::uint16_t sequence, std::uint64_t nonce) {
  std::array<unsigned char, 512> bytes{};
  const auto got = ::recv(descriptor_->native_handle(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  // A raw IPv4 socket shows the IP header; both raw kinds show our own requests when they are
  // looped back.
  const std::size_t skip = raw_ && !v6_ ? (bytes.front() & 0x0FU) * std::size_t{4} : 0;
  Echo echo;
  if (static_cast<std::size_t>(got) < skip + sizeof echo) return false;
  std::memcpy(&echo, bytes.data() + skip, sizeof echo);
  const std::uint8_t reply = v6_ ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
  return echo.type == reply && ntohs(echo.sequence) == sequence && echo.nonce == nonce;
}

Task<Result<double>> PingSocket::echo(std::uint16_t sequence) {
  const std::uint64_t nonce = random_number();
  const Packet request = make_request(v6_, sequence, nonce);
  const auto start = std::chrono::steady_clock::now();
  if (::send(descriptor_->native_handle(), request.data(), request.size(), 0) < 0) {
    co_return Error{Errc::unreachable, "ping: cannot send"};
  }
  for (;;) {
    const auto [error] = co_await descriptor_->async_wait(asio::posix::stream_descriptor::wait_read,
                                                          asio::as_tuple(asio::use_awaitable));
    if (error) co_return Error{Errc::cancelled, "ping: stopped"};
    if (!take_echo(sequence, nonce)) continue;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    co_return took.count();
  }
}

bool may_ping_unprivileged() {
  const int fd = open_socket(false, SOCK_DGRAM);
  if (fd < 0) return false;
  ::close(fd);
  return true;
}

}  // namespace plimsoll
