#include "tiny_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "core/text.h"

namespace plimsoll::bench {
namespace {

constexpr std::size_t buffer_bytes = 1U << 20;
constexpr int backlog = 16'384;

std::int64_t now_s() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

void must(bool fine, std::string_view what) {
  if (!fine) give_up(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// One request's head, and how long it is with its body; nothing while it is not there in whole.
struct Request {
  Ask ask;
  std::size_t bytes = 0;
};

std::size_t body_bytes(std::string_view head) {
  const auto lower = to_lower(head);
  constexpr std::string_view name = "content-length:";
  const auto at = lower.find(name);
  if (at == std::string::npos) return 0;
  const auto value = head.substr(at + name.size());
  return parse_number<std::size_t>(trim(value.substr(0, value.find('\r')))).value_or(0);
}

std::optional<Request> parse(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const auto head = text.substr(0, end);
  Request request;
  request.ask.method = head.substr(0, head.find(' '));
  const auto target = head.substr(std::min(head.size(), request.ask.method.size() + 1));
  request.ask.path = target.substr(0, target.find_first_of(" ?"));
  std::size_t length = 0;
  if (request.ask.method == "POST") {
    length = body_bytes(head);
    request.ask.gzip = to_lower(head).find("content-encoding: gzip") != std::string::npos;
  }
  request.bytes = end + 4 + length;
  if (text.size() < request.bytes) return std::nullopt;
  request.ask.body = text.substr(end + 4, length);
  return request;
}

}  // namespace

void give_up(std::string_view what) {
  fmt::print(stderr, "{}\n", what);
  std::exit(1);
}

std::string http_answer(std::string_view status, std::string_view type, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status,
                     type, body.size(), body);
}

TinyServer::TinyServer(AskHandler& handler)
    : handler_(handler), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_bytes) {
  must(epoll_ >= 0, "epoll");
}

std::uint16_t TinyServer::listen(On on, std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  must(fd >= 0, "socket");
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (on == On::all_of_loopback) {
    // One socket for 127.0.0.0/8 leaves the descriptors to the connections.
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    must(::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) == 0, "cannot bind to lo alone");
  }
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);  // NOLINT(*-reinterpret-cast)
  must(::bind(fd, any, size) == 0 && ::listen(fd, backlog) == 0, "cannot listen");
  ::getsockname(fd, any, &size);
  listeners_.push_back(fd);
  watch(fd, false);
  return ntohs(address.sin_port);
}

void TinyServer::watch(int fd, bool writing) {
  epoll_event event{};
  event.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0) {
    must(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  }
}

void TinyServer::run() {
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int n = ::epoll_wait(epoll_, events.data(), events.size(), 250);
    for (int i = 0; i < n; ++i) {
      const auto& event = events.at(static_cast<std::size_t>(i));
      const int fd = event.data.fd;
      const auto listener = std::ranges::find(listeners_, fd);
      if (listener != listeners_.end()) {
        accept_all(static_cast<std::size_t>(listener - listeners_.begin()));
        continue;
      }
      if ((event.events & EPOLLOUT) != 0U) send_rest(fd, *peers_.at(fd));
      if (peers_.contains(fd) && (event.events & ~std::uint32_t{EPOLLOUT}) != 0U) read_from(fd);
    }
    drip();
  }
}

void TinyServer::accept_all(std::size_t listener) {
  for (;;) {
    const int fd = ::accept4(listeners_[listener], nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE)) give_up("too many connections: ulimit -n");
    if (fd < 0) return;
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);  // NOLINT(*-reinterpret-cast)
    auto peer = std::make_unique<Peer>();
    peer->listener = listener;
    peer->asked = address.sin_addr;
    peers_[fd] = std::move(peer);
    watch(fd, false);
  }
}

void TinyServer::read_from(int fd) {
  auto& peer = *peers_.at(fd);
  for (;;) {
    const auto n = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return drop(fd, false);
    const std::string_view got{buffer_.data(), static_cast<std::size_t>(n)};
    if (peer.in.empty()) {
      const auto used = answer_all(fd, peer, got);
      if (!peers_.contains(fd)) return;
      peer.in.assign(got.substr(used));
    } else {
      peer.in += got;
      const std::string all = std::move(peer.in);
      const auto used = answer_all(fd, peer, all);
      if (!peers_.contains(fd)) return;
      peer.in = all.substr(used);
    }
    if (got.size() < buffer_.size()) return;
  }
}

std::size_t TinyServer::answer_all(int fd, Peer& peer, std::string_view text) {
  std::size_t used = 0;
  while (used < text.size()) {
    auto request = parse(text.substr(used));
    if (!request) break;
    used += request->bytes;
    request->ask.listener = peer.listener;
    request->ask.asked = peer.asked;
    answer(fd, peer, handler_.asked(request->ask));
    if (!peers_.contains(fd)) break;
  }
  return used;
}

void TinyServer::answer(int fd, Peer& peer, const Reply& reply) {
  switch (reply.how) {
    case Reply::How::hang:
      return;
    case Reply::How::reset:
      return drop(fd, true);
    case Reply::How::drip:
      peer.drips = true;
      peer.out = reply.bytes;
      return;
    case Reply::How::send:
      break;
  }
  std::string_view rest = reply.bytes;
  if (peer.out.empty()) {
    const auto n = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  }
  if (rest.empty()) return;
  peer.out += rest;
  watch(fd, true);
}

void TinyServer::send_rest(int fd, Peer& peer) {
  if (peer.drips) return watch(fd, false);
  const auto n = ::send(fd, peer.out.data(), peer.out.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) return drop(fd, false);
  if (n > 0) peer.out.erase(0, static_cast<std::size_t>(n));
  if (peer.out.empty()) watch(fd, false);
}

void TinyServer::drip() {
  const auto now = now_s();
  if (now == last_drip_s_) return;
  last_drip_s_ = now;
  for (auto& [fd, peer] : peers_) {
    if (!peer->drips || peer->out.empty()) continue;
    ::send(fd, peer->out.data(), 1, MSG_NOSIGNAL);
    peer->out.erase(0, 1);
  }
}

void TinyServer::drop(int fd, bool reset) {
  if (reset) {
    const linger now{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  peers_.erase(fd);
  ::close(fd);
}

}  // namespace plimsoll::bench
