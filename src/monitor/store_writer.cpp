#include "monitor/store_writer.h"

#include <algorithm>

#include "runtime/log.h"

namespace plimsoll {

StoreWriter::StoreWriter(const asio::any_io_executor& executor, const MonitorConfig& config,
                         Store& store, StoreState state, PointQueue& queue)
    : config_(config),
      store_(store),
      state_(state),
      queue_(queue),
      timer_(executor),
      pause_(config.retry_first) {}

void StoreWriter::pushed() {
  if (!away_ && queue_.size() >= config_.batch_points_max) timer_.cancel();
}

void StoreWriter::stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<> StoreWriter::wait(Duration at_most) {
  if (stopping_) co_return;
  const bool full = !away_ && queue_.size() >= config_.batch_points_max;
  if (full) co_return;
  timer_.expires_after(at_most);
  co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

Task<> StoreWriter::run() {
  while (!stopping_) {
    co_await wait(config_.batch_every);
    const bool fine = co_await write_all();
    tell_of_losses();
    if (fine) continue;
    co_await wait(pause_);
    pause_ = std::min(pause_ * 2, config_.retry_max);
  }
  co_await write_all();
  const std::size_t left = batch_.size() + queue_.size();
  if (left > 0) log::warning("{}: {} points could not be written", store_.describe(), left);
}

/// False where the store does not take them now.
Task<bool> StoreWriter::write_all() {
  while (!batch_.empty() || !queue_.empty()) {
    if (batch_.empty()) batch_ = queue_.take(config_.batch_points_max);
    const auto written = co_await write_batch();
    if (!written) {
      take_failure(written.error());
      co_return false;
    }
    batch_.clear();
    refusals_ = 0;
    pause_ = config_.retry_first;
    if (away_) log::info("{}: takes points again", store_.describe());
    away_ = false;
  }
  co_return true;
}

Task<Result<void>> StoreWriter::write_batch() {
  if (state_ == StoreState::closed) {
    const auto opened = co_await store_.open();
    if (!opened) co_return opened.error();
    state_ = StoreState::open;
  }
  const auto report = co_await store_.write(batch_);
  if (!report) co_return report.error();
  take_report(*report);
  co_return Result<void>{};
}

void StoreWriter::take_report(const WriteReport& report) {
  written_ += report.written;
  rejected_ += report.rejected;
  if (report.rejected == 0) return;
  log::warning("{}: {} points were refused for good: {}", store_.describe(), report.rejected,
               report.problems.empty() ? "no reason given" : report.problems.front());
}

void StoreWriter::take_failure(const Error& error) {
  if (!away_) log::error("{}; points wait, trying again", error.message);
  away_ = true;
  const bool refused = error.code == Errc::refused || error.code == Errc::too_large;
  if (!refused || ++refusals_ < refusals_max) return;
  log::error("{}; {} points are given up", error.message, batch_.size());
  rejected_ += batch_.size();
  batch_.clear();
  refusals_ = 0;
}

void StoreWriter::tell_of_losses() {
  constexpr auto at_most_every = std::chrono::minutes{1};
  if (queue_.dropped() == losses_told_) return;
  if (losses_told_ > 0 && Steady::now() - losses_told_at_ < at_most_every) return;
  log::warning("{}: {} points were dropped, the oldest first: more than {} waited",
               store_.describe(), queue_.dropped() - losses_told_, config_.queue_points_max);
  losses_told_ = queue_.dropped();
  losses_told_at_ = Steady::now();
}

}  // namespace plimsoll
