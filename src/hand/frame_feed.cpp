#include "hand/frame_feed.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

namespace plimsoll {
namespace {

constexpr std::size_t frames_ahead = 8;
constexpr std::size_t read_piece = 256 * kib;

}  // namespace

struct FrameFeed::Impl : std::enable_shared_from_this<FrameFeed::Impl> {
  Impl(asio::any_io_executor given, int from, Duration patience)
      : executor(std::move(given)), fd(from), idle(patience), arrived(executor) {
    arrived.expires_at(asio::steady_timer::time_point::max());
  }
  ~Impl() { ::close(wake); }

  void run();
  Result<ImageFrame> read_frame();
  Result<void> read_more();
  bool offer(Result<ImageFrame> frame);

  asio::any_io_executor executor;
  int fd;
  Duration idle;
  int wake = ::eventfd(0, EFD_CLOEXEC);
  asio::steady_timer arrived;
  ImageStreamReader reader;  // of the thread alone
  std::string buffer = std::string(read_piece, '\0');
  std::atomic<std::uint64_t> received{0};

  std::mutex lock;
  std::condition_variable room;
  std::deque<Result<ImageFrame>> frames;
  bool stopped = false;
  ImageHead head;  // of the executor's thread
  std::thread thread;
};

Result<void> FrameFeed::Impl::read_more() {
  std::array<pollfd, 2> ready{{{fd, POLLIN, 0}, {wake, POLLIN, 0}}};
  const int n = ::poll(ready.data(), ready.size(), static_cast<int>(idle.count()));
  if (n < 0 && errno == EINTR) return {};
  if (n == 0) {
    return Error{Errc::timeout,
                 "image stream: nothing came for " + std::to_string(idle.count() / 1000) + " s"};
  }
  if (ready[1].revents != 0) return Error{Errc::cancelled, "image stream: not wanted any more"};
  const auto bytes = ::read(fd, buffer.data(), buffer.size());
  if (bytes < 0 && errno == EINTR) return {};
  if (bytes < 0) return Error{Errc::io, std::string{"image stream: "} + std::strerror(errno)};
  if (bytes == 0) return Error{Errc::io, "image stream: it broke off before its end"};
  received += static_cast<std::uint64_t>(bytes);
  reader.add({buffer.data(), static_cast<std::size_t>(bytes)});
  return {};
}

Result<ImageFrame> FrameFeed::Impl::read_frame() {
  for (;;) {
    auto frame = reader.next();
    if (!frame) return frame.error();
    if (*frame) return std::move(**frame);
    const auto more = read_more();
    if (!more) return more.error();
  }
}

bool FrameFeed::Impl::offer(Result<ImageFrame> frame) {
  {
    std::unique_lock guard{lock};
    room.wait(guard, [this] { return stopped || frames.size() < frames_ahead; });
    if (stopped) return false;
    frames.push_back(std::move(frame));
  }
  // Runs only when the one who waits does wait: both are on the executor's thread.
  asio::post(executor, [self = shared_from_this()] { self->arrived.cancel(); });
  return true;
}

void FrameFeed::Impl::run() {
  for (bool going = true; going;) {
    auto frame = read_frame();
    going = frame.has_value() && frame->kind != FrameKind::end;
    going = offer(std::move(frame)) && going;
  }
}

FrameFeed::FrameFeed(asio::any_io_executor executor, int fd, Duration idle)
    : impl_(std::make_shared<Impl>(std::move(executor), fd, idle)) {
  impl_->thread = std::thread{[impl = impl_.get()] { impl->run(); }};
}

FrameFeed::~FrameFeed() {
  {
    const std::lock_guard guard{impl_->lock};
    impl_->stopped = true;
  }
  impl_->room.notify_all();
  const std::uint64_t one = 1;
  static_cast<void>(::write(impl_->wake, &one, sizeof one) == sizeof one);
  impl_->thread.join();
}

Task<Result<ImageFrame>> FrameFeed::next() {
  const auto impl = impl_;
  for (;;) {
    {
      const std::lock_guard guard{impl->lock};
      if (!impl->frames.empty()) {
        auto frame = std::move(impl->frames.front());
        impl->frames.pop_front();
        impl->room.notify_one();
        if (frame && frame->kind == FrameKind::head) {
          auto head = parse_image_head(frame->payload);
          if (!head) co_return head.error();
          impl->head = std::move(*head);
        }
        co_return frame;
      }
    }
    co_await impl->arrived.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

const ImageHead& FrameFeed::head() const { return impl_->head; }
Bytes FrameFeed::received() const { return Bytes{impl_->received.load()}; }

}  // namespace plimsoll
