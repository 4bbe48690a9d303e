// A delay line between two network interfaces: every frame that arrives on one leaves on the other
// after a fixed time, in both directions. For kernels without netem.
//
// Frames are read and written with their virtio_net_hdr (PACKET_VNET_HDR). A veth hands over frames
// of up to 64 KiB that were never cut into segments and have no checksum yet; the header carries
// what is missing, so they pass whole and the offloads may stay on.

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// struct virtio_net_hdr; <linux/virtio_net.h> itself is not C++ (it has a member named class).
constexpr std::size_t offload_header_bytes = 10;
constexpr std::size_t frame_bytes_max = offload_header_bytes + ETH_HLEN + 4 + 65536;
constexpr std::size_t waiting_bytes_max = 256u << 20;
constexpr int socket_buffer_bytes = 64 << 20;
constexpr int burst_frames_max = 64;

struct Frame {
  Clock::time_point due;
  std::vector<char> bytes;
};

struct Direction {
  int from;
  int to;
  std::deque<Frame> waiting;
  std::size_t waiting_bytes = 0;
};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set_option(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) fail("setsockopt");
}

int open_interface(const char* name) {
  const unsigned index = if_nametoindex(name);
  if (index == 0) fail(name);
  // Protocol 0 until bound: otherwise frames of every interface would come in meanwhile.
  const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  set_option(fd, SOL_PACKET, PACKET_VNET_HDR, 1);
  set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, socket_buffer_bytes);
  set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, socket_buffer_bytes);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(index);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
  return fd;
}

void take_in(Direction& direction, std::chrono::microseconds delay, std::vector<char>& buffer) {
  for (int n = 0; n < burst_frames_max; ++n) {
    const ssize_t got = recv(direction.from, buffer.data(), buffer.size(), 0);
    if (got < 0) {
      // ENETDOWN: the interface is down for a moment; its frames are lost, as on a real link.
      if (errno == EAGAIN || errno == EINTR || errno == ENETDOWN) return;
      fail("recv");
    }
    const auto size = static_cast<std::size_t>(got);
    if (direction.waiting_bytes + size > waiting_bytes_max) continue;
    direction.waiting_bytes += size;
    direction.waiting.push_back(
        {Clock::now() + delay, std::vector<char>(buffer.begin(), buffer.begin() + got)});
  }
}

void send_due(Direction& direction, Clock::time_point now) {
  while (!direction.waiting.empty() && direction.waiting.front().due <= now) {
    const Frame& frame = direction.waiting.front();
    // A failure is a full queue (tbf) or a link that is down: either would drop the frame.
    if (send(direction.to, frame.bytes.data(), frame.bytes.size(), 0) < 0 && errno == EINTR)
      continue;
    direction.waiting_bytes -= frame.bytes.size();
    direction.waiting.pop_front();
  }
}

// Until the next frame is due; nullptr, for ever, if none waits.
const timespec* time_left(const std::array<Direction, 2>& directions, timespec& storage) {
  const timespec* result = nullptr;
  auto next = Clock::time_point::max();
  for (const Direction& direction : directions) {
    if (direction.waiting.empty() || direction.waiting.front().due >= next) continue;
    next = direction.waiting.front().due;
    const auto left = std::max(next - Clock::now(), Clock::duration::zero());
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    storage = {ns / 1'000'000'000, ns % 1'000'000'000};
    result = &storage;
  }
  return result;
}

void run(const char* a, const char* b, std::chrono::microseconds delay) {
  const int fd_a = open_interface(a);
  const int fd_b = open_interface(b);
  std::array<Direction, 2> directions{{{fd_a, fd_b, {}, 0}, {fd_b, fd_a, {}, 0}}};
  std::vector<char> buffer(frame_bytes_max);
  // The default slack of 50 us is a tenth of a delay of 0.5 ms.
  prctl(PR_SET_TIMERSLACK, 1);
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    std::array<pollfd, 2> polled{{{fd_a, POLLIN, 0}, {fd_b, POLLIN, 0}}};
    timespec storage{};
    if (ppoll(polled.data(), polled.size(), time_left(directions, storage), nullptr) < 0 &&
        errno != EINTR) {
      fail("ppoll");
    }
    for (Direction& direction : directions) {
      take_in(direction, delay, buffer);
      send_due(direction, Clock::now());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: delay INTERFACE_A INTERFACE_B MICROSECONDS\n");
    return 2;
  }
  try {
    run(argv[1], argv[2], std::chrono::microseconds{std::atol(argv[3])});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "delay: %s\n", error.what());
    return 1;
  }
}
