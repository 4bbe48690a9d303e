#include "spool/spool_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace plimsoll {
namespace {

constexpr Duration open_again_after{10'000};
constexpr Duration write_again_after{1'000};
constexpr Duration sync_every{1'000};
// A store that takes what waits once a second is not behind.
constexpr Duration behind_after{3'000};
constexpr std::size_t notes_max = 200;

}  // namespace

void SpoolQueue::trouble(const Error& error, TimePoint now) {
  ++counted_.disk_failures;
  retry_at_ = now + (log_ ? write_again_after : open_again_after);
  if (std::exchange(told_, true)) return;
  notes_.push_back(error.message + "; points wait in memory, and are lost if the program ends");
}

void SpoolQueue::start(TimePoint now) {
  if (log_ || !open_) return;
  auto fs = open_();
  if (!fs) return trouble(fs.error(), now);
  auto log = std::make_unique<SegmentLog>(**fs, limits_);
  auto found = log->recover();
  if (!found) return trouble(found.error(), now);
  fs_ = std::move(*fs);
  log_ = std::move(log);
  counted_.recovered += found->points;
  counted_.damaged_at_start += found->damaged;
  std::move(found->notes.begin(), found->notes.end(), std::back_inserter(notes_));
  if (found->points > 0) {
    notes_.push_back(fmt::format("{}: {} points wait from before, {} are lost", fs_->describe(),
                                 found->points, found->damaged));
  }
  synced_at_ = now;
}

// From memory to disk, as far as it takes them.
void SpoolQueue::write_out(TimePoint now) {
  // The clock may have been set back.
  const bool pause = retry_at_ && now < *retry_at_ && now + open_again_after > *retry_at_;
  if (pause) return;
  if (!log_) start(now);
  // What is in hand may come back, and stands before what waits.
  if (!log_ || !in_hand_.empty()) return;
  while (!memory_.empty()) {
    if (auto written = log_->append(memory_.front()); !written) {
      trouble(written.error(), now);
      break;
    }
    take_from_memory();
  }
  if (memory_.empty() && retry_at_) {
    notes_.push_back(fs_->describe() + ": takes points again");
    retry_at_.reset();
    told_ = false;
  }
}

void SpoolQueue::keep(PackedPoints record) {
  memory_bytes_ += record.bytes.size();
  memory_points_ += record.points;
  memory_.push_back(std::move(record));
}

PackedPoints SpoolQueue::take_from_memory() {
  PackedPoints record = std::move(memory_.front());
  memory_.pop_front();
  memory_bytes_ -= record.bytes.size();
  memory_points_ -= record.points;
  return record;
}

void SpoolQueue::trim_memory() {
  while (memory_.size() > 1 && memory_bytes_ > limits_.memory_bytes_max) {
    counted_.dropped += take_from_memory().points;
  }
}

void SpoolQueue::append(std::vector<PackedPoints> records, TimePoint now) {
  for (auto& record : records) {
    counted_.pushed += record.points;
    keep(std::move(record));
  }
  write_out(now);
  if (log_) counted_.dropped += log_->enforce(now);
  trim_memory();
}

void SpoolQueue::add(std::vector<Point>& to, const PackedPoints& record) {
  auto points = unpack_points(record.bytes, record.points);
  if (!points) {
    notes_.push_back(
        fmt::format("{} points of the spool are lost: {}", record.points, points.error().message));
    unreadable_ += record.points;
    return;
  }
  std::move(points->begin(), points->end(), std::back_inserter(to));
}

std::vector<Point> SpoolQueue::take(std::size_t points_max) {
  std::vector<Point> points;
  const auto room = [&] {
    return points.empty() ? std::numeric_limits<std::uint64_t>::max()
                          : points_max - std::min(points_max, points.size());
  };
  while (log_) {
    const auto record = log_->next(room());
    if (!record) break;
    add(points, *record);
  }
  const bool disk_has_more = log_ && log_->unread() > 0;
  while (!disk_has_more && !memory_.empty() && memory_.front().points <= room()) {
    in_hand_.push_back(take_from_memory());
    in_hand_points_ += in_hand_.back().points;
    add(points, in_hand_.back());
  }
  const auto taken = in_hand_points_ + (log_ ? log_->given() : 0);
  if (taken > 0 && taken == unreadable_) acknowledge();  // nobody will
  return points;
}

void SpoolQueue::acknowledge() {
  const auto taken = std::exchange(in_hand_points_, 0) + (log_ ? log_->acknowledge() : 0);
  in_hand_.clear();
  counted_.delivered += taken - unreadable_;
  counted_.damaged += std::exchange(unreadable_, 0);
}

void SpoolQueue::release() {
  if (log_) counted_.dropped += log_->release();
  for (; !in_hand_.empty(); in_hand_.pop_back()) {
    memory_bytes_ += in_hand_.back().bytes.size();
    memory_points_ += in_hand_.back().points;
    memory_.push_front(std::move(in_hand_.back()));
  }
  in_hand_points_ = 0;
  unreadable_ = 0;
  trim_memory();
}

void SpoolQueue::sync() {
  if (auto synced = log_->sync(); !synced) notes_.push_back(synced.error().message);
}

void SpoolQueue::maintain(TimePoint now) {
  const auto oldest = log_ ? log_->oldest() : std::nullopt;
  const bool behind = oldest && now - *oldest >= behind_after;
  const bool due = now - synced_at_ >= sync_every || now < synced_at_;
  if (!behind || !due) return;
  sync();
  synced_at_ = now;
}

void SpoolQueue::close(TimePoint now) {
  retry_at_.reset();
  write_out(now);
  if (!log_) return;
  log_->close();
  if (log_->unread() + log_->given() > 0) sync();
}

SpoolCounters SpoolQueue::counters() const {
  SpoolCounters counters = counted_;
  counters.waiting = memory_points_ + in_hand_points_;
  counters.memory_bytes = memory_bytes_;
  if (!memory_.empty()) counters.oldest = memory_.front().oldest;
  if (log_) {
    counters.waiting += log_->unread() + log_->given();
    counters.damaged += log_->damaged();
    counters.disk_bytes = log_->bytes();
    counters.segments = log_->segments();
    if (const auto oldest = log_->oldest()) counters.oldest = oldest;
  }
  counters.on_disk = log_ != nullptr && !retry_at_;
  return counters;
}

std::vector<std::string> SpoolQueue::take_notes() {
  if (log_) {
    auto notes = log_->take_notes();
    std::move(notes.begin(), notes.end(), std::back_inserter(notes_));
  }
  if (notes_.size() > notes_max) notes_.resize(notes_max);
  return std::exchange(notes_, {});
}

}  // namespace plimsoll
