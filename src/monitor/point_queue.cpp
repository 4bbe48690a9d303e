#include "monitor/point_queue.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>

#include "core/text.h"
#include "runtime/deadline.h"
#include "runtime/log.h"
#include "spool/disk_fs.h"

namespace plimsoll {
namespace {

// A record is written, lost to damage and acknowledged as a whole.
constexpr std::size_t record_points_max = 500;
constexpr std::size_t record_bytes_wanted = 64U << 10;
constexpr int lines_per_minute_max = 30;

SpoolQueue::Open opener(const std::filesystem::path& folder) {
  if (folder.empty()) return {};
  return [folder]() -> Result<std::unique_ptr<SpoolFs>> {
    auto fs = DiskFs::open(folder);
    if (!fs) return fs.error();
    return std::unique_ptr<SpoolFs>{std::move(*fs)};
  };
}

}  // namespace

class PointQueue::Impl {
 public:
  Impl(const asio::any_io_executor& executor, PointQueueConfig config, WallClock clock)
      : config_(std::move(config)),
        clock_(std::move(clock)),
        queue_(opener(config_.folder), config_.limits),
        timer_(executor) {}

  static void write_later(const std::shared_ptr<Impl>& self);
  void push(const std::vector<Point>& points);
  void seal();
  void end();

  // On the queue's own thread.
  void write();
  std::vector<Point> take(std::size_t count_max);
  void acknowledge();
  void release();

  [[nodiscard]] SpoolCounters counters() const;
  [[nodiscard]] const PointQueueConfig& config() const { return config_; }
  asio::thread_pool& thread() { return thread_; }

 private:
  void post_write();
  void write_out();
  void publish();
  void tell(const std::vector<std::string>& notes);

  PointQueueConfig config_;
  WallClock clock_;
  SpoolQueue queue_;  // on thread_ only
  std::chrono::steady_clock::time_point minute_began_;
  int lines_told_ = 0;

  PointPacker packer_;
  asio::steady_timer timer_;
  bool timer_runs_ = false;

  mutable std::mutex mutex_;  // for those below
  std::vector<PackedPoints> sealed_;
  std::uint64_t sealed_bytes_ = 0;
  std::uint64_t pushed_ = 0;
  std::uint64_t dropped_ = 0;  // for a disk that hangs
  SpoolCounters published_;

  std::atomic<bool> write_posted_{false};
  asio::thread_pool thread_{1};
};

void PointQueue::Impl::push(const std::vector<Point>& points) {
  {
    const std::lock_guard lock{mutex_};
    pushed_ += points.size();
  }
  for (const auto& point : points) {
    packer_.add(point);
    const bool full =
        packer_.points() >= record_points_max || packer_.bytes() >= record_bytes_wanted;
    if (full) seal();
  }
}

void PointQueue::Impl::seal() {
  if (packer_.empty()) return;
  auto record = packer_.take();
  const std::lock_guard lock{mutex_};
  sealed_bytes_ += record.bytes.size();
  sealed_.push_back(std::move(record));
  while (sealed_.size() > 1 && sealed_bytes_ > config_.limits.memory_bytes_max) {
    sealed_bytes_ -= sealed_.front().bytes.size();
    dropped_ += sealed_.front().points;
    sealed_.erase(sealed_.begin());
  }
}

// One timer runs as long as something is pushed; it outlives nothing.
void PointQueue::Impl::write_later(const std::shared_ptr<Impl>& self) {
  if (self->timer_runs_) return;
  self->timer_runs_ = true;
  self->timer_.expires_after(self->config_.write_every);
  self->timer_.async_wait([weak = std::weak_ptr{self}](boost::system::error_code error) {
    const auto alive = weak.lock();
    if (!alive || error) return;
    alive->timer_runs_ = false;
    alive->seal();
    alive->post_write();
  });
}

void PointQueue::Impl::post_write() {
  if (write_posted_.exchange(true)) return;
  asio::post(thread_, [this] {
    write_posted_ = false;
    write();
  });
}

void PointQueue::Impl::end() {
  timer_.cancel();
  seal();
  asio::post(thread_, [this] {
    write_out();
    queue_.close(clock_());
    publish();
  });
  thread_.join();
}

void PointQueue::Impl::write_out() {
  std::vector<PackedPoints> records;
  {
    const std::lock_guard lock{mutex_};
    records.swap(sealed_);
    sealed_bytes_ = 0;
  }
  const auto now = clock_();
  queue_.append(std::move(records), now);
  queue_.maintain(now);
}

void PointQueue::Impl::write() {
  write_out();
  publish();
}

std::vector<Point> PointQueue::Impl::take(std::size_t count_max) {
  write_out();
  auto points = queue_.take(count_max);
  publish();
  return points;
}

void PointQueue::Impl::acknowledge() {
  queue_.acknowledge();
  publish();
}

void PointQueue::Impl::release() {
  queue_.release();
  publish();
}

void PointQueue::Impl::publish() {
  tell(queue_.take_notes());
  const auto counters = queue_.counters();
  const std::lock_guard lock{mutex_};
  published_ = counters;
}

void PointQueue::Impl::tell(const std::vector<std::string>& notes) {
  const auto now = std::chrono::steady_clock::now();
  if (now - minute_began_ >= std::chrono::minutes{1}) {
    minute_began_ = now;
    lines_told_ = 0;
  }
  for (const auto& note : notes) {
    if (++lines_told_ <= lines_per_minute_max) log::warning("{}", note);
  }
}

SpoolCounters PointQueue::Impl::counters() const {
  const std::lock_guard lock{mutex_};
  SpoolCounters counters = published_;
  counters.waiting += pushed_ - dropped_ - published_.pushed;
  counters.pushed = pushed_;
  counters.dropped += dropped_;
  return counters;
}

PointQueue::PointQueue(const asio::any_io_executor& executor, PointQueueConfig config,
                       WallClock clock)
    : impl_(std::make_shared<Impl>(executor, std::move(config), std::move(clock))) {}

PointQueue::~PointQueue() { impl_->end(); }

void PointQueue::push(const std::vector<Point>& points) {
  impl_->push(points);
  Impl::write_later(impl_);
}

void PointQueue::seal() { impl_->seal(); }

Task<std::vector<Point>> PointQueue::take(std::size_t count_max) {
  auto work = [impl = impl_.get(), count_max] { return impl->take(count_max); };
  auto points = co_await run_blocking(impl_->thread(), std::move(work));
  co_return points;
}

Task<> PointQueue::acknowledge() {
  auto work = [impl = impl_.get()] {
    impl->acknowledge();
    return true;
  };
  co_await run_blocking(impl_->thread(), std::move(work));
}

Task<> PointQueue::release() {
  auto work = [impl = impl_.get()] {
    impl->release();
    return true;
  };
  co_await run_blocking(impl_->thread(), std::move(work));
}

Task<> PointQueue::flush() {
  impl_->seal();
  auto work = [impl = impl_.get()] {
    impl->write();
    return true;
  };
  co_await run_blocking(impl_->thread(), std::move(work));
}

std::size_t PointQueue::size() const { return impl_->counters().waiting; }

std::uint64_t PointQueue::dropped() const { return impl_->counters().dropped; }

SpoolCounters PointQueue::counters() const { return impl_->counters(); }

std::string PointQueue::describe() const {
  const auto counted = impl_->counters();
  const auto& folder = impl_->config().folder;
  if (!folder.empty() && (counted.on_disk || counted.segments > 0)) {
    return fmt::format("{} in {}", format_bytes(counted.disk_bytes), folder.string());
  }
  return fmt::format("{} in memory", format_bytes(counted.memory_bytes));
}

}  // namespace plimsoll
