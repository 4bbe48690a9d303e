#include "spool/segment_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace plimsoll {
namespace {

constexpr std::uint64_t segment_bytes_min = 64U << 10;
constexpr std::size_t notes_max = 100;  // between two calls of take_notes

}  // namespace

std::string SegmentLog::path(std::uint64_t number) const {
  return fs_.describe() + "/" + segment_name(number);
}

void SegmentLog::note(std::string line) {
  if (notes_.size() < notes_max) notes_.push_back(std::move(line));
}

std::vector<std::string> SegmentLog::take_notes() { return std::exchange(notes_, {}); }

// Opens a segment and gives its first bytes, which go to disk together with its first record.
std::string SegmentLog::begin_segment() {
  SegmentHeader header{next_number_, std::nullopt};
  if (!segments_.empty()) header.points_before = segments_.back().points;
  Segment segment;
  segment.number = next_number_++;
  segment.open = true;
  segments_.push_back(segment);
  return encode_segment_header(header);
}

// What a failed write left behind is cut off; where that fails too, readers pass over it.
void SegmentLog::undo_append(const Segment& segment) {
  if (segment.points == 0) {
    if (auto removed = fs_.remove(segment_name(segment.number)); !removed) {
      note(removed.error().message);
    }
    segments_.pop_back();
    return;
  }
  auto cut = fs_.truncate(segment_name(segment.number), segment.bytes);
  if (!cut) note(cut.error().message);
  segments_.back().open = false;
}

Result<void> SegmentLog::append(const PackedPoints& points) {
  std::string bytes;
  if (segments_.empty() || !segments_.back().open) bytes = begin_segment();
  Segment& segment = segments_.back();
  bytes += encode_record(points, segment.points);
  if (auto written = fs_.append(segment_name(segment.number), bytes); !written) {
    undo_append(segment);
    return written;
  }
  segment.oldest = segment.points == 0 ? points.oldest : std::min(segment.oldest, points.oldest);
  segment.newest = segment.points == 0 ? points.newest : std::max(segment.newest, points.newest);
  segment.bytes += bytes.size();
  segment.points += points.points;
  segment.unread += points.points;
  unread_ += points.points;
  bytes_ += bytes.size();
  if (unsynced_.empty() || unsynced_.back() != segment.number) unsynced_.push_back(segment.number);
  const bool spans_long = segment.newest - segment.oldest > limits_.age_max / 8;
  const auto share = std::max(limits_.bytes_max / 8, segment_bytes_min);
  if (segment.bytes >= std::min(limits_.segment_bytes, share) || spans_long) segment.open = false;
  return {};
}

Result<void> SegmentLog::sync() {
  Result<void> result;
  for (const auto number : std::exchange(unsynced_, {})) {
    const bool there = std::any_of(segments_.begin(), segments_.end(),
                                   [&](const Segment& s) { return s.number == number; });
    if (!there) continue;
    if (auto synced = fs_.sync(segment_name(number)); !synced) result = synced;
  }
  return result;
}

void SegmentLog::give_up(Segment& segment, const std::string& why) {
  note(fmt::format("{}: {} points are lost: {}", path(segment.number), segment.unread, why));
  damaged_ += segment.unread;
  unread_ -= segment.unread;
  segment.unread = 0;
  segment.open = false;
}

// Whether a record of the segment is ahead now.
bool SegmentLog::read_record(Segment& segment) {
  if (!reader_) reader_.emplace(fs_, segment_name(segment.number), read_.offset);
  for (;;) {
    auto read = reader_->next(segment.bytes);
    if (!read) {
      give_up(segment, read.error().message);
      return false;
    }
    std::optional<SegmentRecord>& record = *read;
    if (!record) {
      give_up(segment, "damaged on disk");
      return false;
    }
    if (record->header.end_point() <= read_.point) continue;  // the store has it already
    ahead_ = std::move(record);
    return true;
  }
}

bool SegmentLog::look_ahead() {
  while (!ahead_ && reading_ < segments_.size()) {
    Segment& segment = segments_[reading_];
    if (segment.unread > 0 && read_record(segment)) return true;
    if (segment.open || reading_ + 1 == segments_.size()) return false;
    ++reading_;
    read_ = {};
    reader_.reset();
  }
  return ahead_.has_value();
}

std::optional<PackedPoints> SegmentLog::next(std::uint64_t points_max) {
  if (!look_ahead() || !ahead_ || ahead_->header.points > points_max) return std::nullopt;
  SegmentRecord record = std::move(*ahead_);
  ahead_.reset();
  const RecordHeader& header = record.header;
  Segment& segment = segments_[reading_];
  // A record that a repeated block made twice must not count below zero.
  const auto points = std::min<std::uint64_t>(header.points, segment.unread);
  segment.unread -= points;
  segment.given += points;
  unread_ -= points;
  read_ = {record.end, header.end_point(), std::max(read_.newest, header.newest)};
  return PackedPoints{std::move(record.payload), header.points, header.oldest, header.newest};
}

std::uint64_t SegmentLog::given() const {
  std::uint64_t sum = orphans_;
  for (std::size_t i = 0; i <= reading_ && i < segments_.size(); ++i) sum += segments_[i].given;
  return sum;
}

void SegmentLog::write_cursor() {
  const SpoolCursor cursor = segments_.empty()
                                 ? SpoolCursor{next_number_, 0}
                                 : SpoolCursor{segments_.front().number, acknowledged_.point};
  const auto written = fs_.replace(std::string{cursor_file}, encode_cursor(cursor));
  if (!written) note(written.error().message);
}

void SegmentLog::forget_front() {
  const Segment& front = segments_.front();
  const auto removed = fs_.remove(segment_name(front.number));
  if (!removed) note(removed.error().message);
  bytes_ -= front.bytes;
  segments_.pop_front();
  acknowledged_ = {};
}

std::uint64_t SegmentLog::acknowledge() {
  const auto count = given();
  orphans_ = 0;
  const Place read = read_;
  for (; reading_ > 0; --reading_) forget_front();
  acknowledged_ = read;
  if (!segments_.empty()) segments_.front().given = 0;
  forget_what_is_done();
  write_cursor();
  return count;
}

// Requires: nothing is given.
void SegmentLog::forget_what_is_done() {
  while (!segments_.empty() && !segments_.front().open && segments_.front().unread == 0) {
    forget_front();
    read_ = {};
    reader_.reset();
  }
}

void SegmentLog::close() {
  if (!segments_.empty()) segments_.back().open = false;
  if (given() > 0) return;
  forget_what_is_done();
  write_cursor();
}

std::uint64_t SegmentLog::release() {
  for (std::size_t i = 0; i <= reading_ && i < segments_.size(); ++i) {
    segments_[i].unread += segments_[i].given;
    unread_ += segments_[i].given;
    segments_[i].given = 0;
  }
  reading_ = 0;
  read_ = acknowledged_;
  reader_.reset();
  ahead_.reset();
  return std::exchange(orphans_, 0);
}

std::uint64_t SegmentLog::drop_oldest() {
  const auto dropped = segments_.front().unread;
  unread_ -= dropped;
  orphans_ += segments_.front().given;
  if (reading_ == 0) {
    read_ = {};
    reader_.reset();
    ahead_.reset();
  } else {
    --reading_;
  }
  forget_front();
  return dropped;
}

std::uint64_t SegmentLog::enforce(TimePoint now) {
  std::uint64_t dropped = 0;
  while (segments_.size() > 1 && bytes_ > limits_.bytes_max) dropped += drop_oldest();
  while (!segments_.empty() && segments_.front().newest < now - limits_.age_max) {
    dropped += drop_oldest();
  }
  return dropped;
}

std::optional<TimePoint> SegmentLog::oldest() const {
  if (segments_.empty() || unread_ + given() == 0) return std::nullopt;
  return std::max(segments_.front().oldest, acknowledged_.newest);
}

}  // namespace plimsoll
