#include "monitor/store_writer.h"

#include <algorithm>

#include "core/text.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

// What happens again and again is told this often. Ours.
constexpr auto tell_at_most_every = std::chrono::minutes{1};

bool is_refusal(Errc code) { return code == Errc::refused || code == Errc::too_large; }

Duration since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - then);
}

}  // namespace

StoreWriter::StoreWriter(const asio::any_io_executor& executor, const MonitorConfig& config,
                         Store& store, StoreState state, PointQueue& queue)
    : config_(config),
      store_(store),
      state_(state),
      queue_(queue),
      timer_(executor),
      pause_(config.retry_first) {}

bool StoreWriter::batch_waits() const {
  return !held_ && !away_ && !idle_ && queue_.size() >= config_.batch_points_max;
}

void StoreWriter::pushed() {
  idle_ = false;
  if (batch_waits()) timer_.cancel();
}

void StoreWriter::let_go() {
  held_ = false;
  pushed();
}

void StoreWriter::stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<> StoreWriter::wait(Duration at_most) {
  if (stopping_ || batch_waits()) co_return;
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
  co_await queue_.flush();
  tell_of_rejected();
  const auto left = queue_.size();
  if (left > 0) {
    log::warning("{}: {} points could not be written; {} {}", store_.describe(), left,
                 queue_.describe(),
                 queue_.counters().on_disk ? "waits for the next start" : "is lost");
  }
}

/// False where the store does not take them now.
Task<bool> StoreWriter::write_all() {
  const auto before = written_ + rejected_;
  queue_.seal();
  if (held_) co_return true;
  for (;;) {
    const bool opened = co_await open();
    if (!opened) co_return false;
    auto points = co_await queue_.take(config_.batch_points_max);
    if (points.empty()) break;
    const auto count = points.size();
    auto verdict = co_await write(std::move(points));
    if (verdict == Verdict::refused) verdict = co_await isolate(count);
    if (verdict != Verdict::written) {
      co_await queue_.release();
      take_failure(failure_);
      co_return false;
    }
    note_success();
    co_await queue_.acknowledge();
    tell_of_losses();
  }
  idle_ = written_ + rejected_ == before;
  tell_of_return();
  co_return true;
}

Task<bool> StoreWriter::open() {
  if (state_ == StoreState::open) co_return true;
  const auto opened = co_await store_.open();
  if (!opened) {
    take_failure(opened.error());
    co_return false;
  }
  state_ = StoreState::open;
  co_return true;
}

Task<StoreWriter::Verdict> StoreWriter::write(std::vector<Point> points) {
  const auto start = Steady::now();
  const auto report = co_await store_.write(std::move(points));
  write_time_.add(Steady::now() - start);
  if (report) {
    take_report(*report);
    co_return Verdict::written;
  }
  failure_ = report.error();
  co_return is_refusal(failure_.code) ? Verdict::refused : Verdict::away;
}

Task<StoreWriter::Verdict> StoreWriter::write_parts(BatchSplitter* batch, Patience patience) {
  while (!batch->done()) {
    const bool enough = !batch->any_taken() && batch->refusals() >= refusals_max;
    if (patience == Patience::limited && enough) co_return Verdict::refused;
    auto part = batch->next();
    const auto verdict = co_await write(std::move(part));
    switch (verdict) {
      case Verdict::written:
        batch->written();
        break;
      case Verdict::refused:
        batch->refused(failure_.message);
        break;
      case Verdict::away:
        co_return verdict;
    }
  }
  const bool proven = batch->any_taken() || patience == Patience::unlimited;
  co_return proven ? Verdict::written : Verdict::refused;
}

/// The batch that was just refused, in parts. Where the store takes nothing of it, the next batch
/// tells whether the points are bad or the store.
Task<StoreWriter::Verdict> StoreWriter::isolate(std::size_t count) {
  co_await queue_.release();
  auto again = co_await queue_.take(count);
  BatchSplitter batch{std::move(again)};
  auto verdict = co_await write_parts(&batch, Patience::limited);
  if (verdict == Verdict::refused) {
    auto more = co_await queue_.take(config_.batch_points_max);
    BatchSplitter next{std::move(more)};
    verdict = co_await write_parts(&next, Patience::limited);
    if (verdict != Verdict::written || !next.any_taken()) co_return Verdict::away;
    verdict = co_await write_parts(&batch, Patience::unlimited);
    if (verdict == Verdict::written) give_up_bad_points(next);
  }
  if (verdict == Verdict::written) give_up_bad_points(batch);
  co_return verdict;
}

void StoreWriter::give_up_bad_points(const BatchSplitter& batch) {
  if (batch.bad() == 0) return;
  note_rejected(batch.bad(), batch.problem());
}

void StoreWriter::take_report(const WriteReport& report) {
  written_ += report.written;
  if (report.rejected == 0) return;
  note_rejected(report.rejected,
                report.problems.empty() ? "one without a reason" : report.problems.front());
}

void StoreWriter::note_rejected(std::size_t count, std::string problem) {
  rejected_ += count;
  rejected_why_ = std::move(problem);
  const bool first = rejected_told_ == 0;
  if (first || Steady::now() - rejected_told_at_ >= tell_at_most_every) tell_of_rejected();
}

void StoreWriter::tell_of_rejected() {
  if (rejected_ == rejected_told_) return;
  log::warning("{}: {} points were refused for good and are dropped, such as {}", store_.describe(),
               rejected_ - rejected_told_, rejected_why_);
  rejected_told_ = rejected_;
  rejected_told_at_ = Steady::now();
}

void StoreWriter::take_failure(const Error& error) {
  if (!away_) {
    away_since_ = Steady::now();
    written_before_ = written_;
    log::error("{}; {} points wait, {}; trying again", error.message, queue_.size(),
               queue_.describe());
  }
  away_ = true;
}

void StoreWriter::note_success() {
  pause_ = config_.retry_first;
  if (!away_) return;
  away_ = false;
  catching_up_ = true;
  back_since_ = Steady::now();
  log::info("{}: takes points again after {}; {} points wait, {}", store_.describe(),
            format_duration(since(away_since_)), queue_.size(), queue_.describe());
}

void StoreWriter::tell_of_return() {
  if (!catching_up_) return;
  catching_up_ = false;
  log::info("{}: all that waited is written, {} points in {}", store_.describe(),
            written_ - written_before_, format_duration(since(back_since_)));
}

void StoreWriter::tell_of_losses() {
  const auto dropped = queue_.dropped();
  if (dropped == losses_told_) return;
  if (losses_told_ > 0 && Steady::now() - losses_told_at_ < tell_at_most_every) return;
  log::warning(
      "{}: {} points were dropped, the oldest first: {} waits (store.spool_bytes {}, "
      "store.spool_age {})",
      store_.describe(), dropped - losses_told_, queue_.describe(),
      format_bytes(config_.spool.limits.bytes_max), format_duration(config_.spool.limits.age_max));
  losses_told_ = dropped;
  losses_told_at_ = Steady::now();
}

}  // namespace plimsoll
