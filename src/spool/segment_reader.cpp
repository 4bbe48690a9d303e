#include "spool/segment_reader.h"

#include <algorithm>

namespace plimsoll {
namespace {

constexpr std::size_t window_bytes = 64U << 10;

}  // namespace

// What stands at the offset: so many bytes or more, less only where the file or `end` is near.
Result<std::string_view> SegmentReader::window(std::size_t bytes, std::uint64_t end) {
  const auto wanted = std::min<std::uint64_t>(bytes, end - offset_);
  const bool there =
      offset_ >= buffer_offset_ && offset_ + wanted <= buffer_offset_ + buffer_.size();
  if (!there) {
    const auto most = std::min<std::uint64_t>(std::max(bytes, window_bytes), end - offset_);
    auto read = fs_.read(name_, offset_, most);
    if (!read) return read.error();
    buffer_ = std::move(*read);
    buffer_offset_ = offset_;
  }
  return std::string_view{buffer_}.substr(offset_ - buffer_offset_);
}

void SegmentReader::pass_over(std::uint64_t bytes) {
  const bool joins = !damage_.empty() && damage_.back().offset + damage_.back().bytes == offset_;
  if (!joins) damage_.push_back({offset_, 0});
  damage_.back().bytes += bytes;
  offset_ += bytes;
}

Result<void> SegmentReader::pass_to_next_header(std::uint64_t end) {
  std::size_t from = 1;
  while (offset_ < end) {
    const auto bytes = window(window_bytes, end);
    if (!bytes) return bytes.error();
    const auto found = find_record(*bytes, from);
    if (found < bytes->size()) {
      pass_over(found);
      return {};
    }
    // A header may begin in the last bytes of the window.
    constexpr std::size_t overlap = 3;
    const bool last = offset_ + bytes->size() >= end || bytes->size() <= overlap;
    pass_over(last ? end - offset_ : bytes->size() - overlap);
    from = 0;
  }
  return {};
}

Result<std::optional<SegmentRecord>> SegmentReader::next(std::uint64_t end) {
  while (offset_ < end) {
    auto bytes = window(record_header_bytes, end);
    if (!bytes) return bytes.error();
    const auto header = parse_record_header(*bytes);
    if (header) points_known_ = std::max(points_known_, header->end_point());
    const std::uint64_t size = record_header_bytes + (header ? header->bytes : 0);
    if (!header || offset_ + size > end) {
      if (auto passed = pass_to_next_header(end); !passed) return passed.error();
      continue;
    }
    bytes = window(size, end);
    if (!bytes) return bytes.error();
    const auto payload =
        bytes->substr(0, size).substr(std::min(bytes->size(), record_header_bytes));
    if (is_payload_of(*header, payload)) {
      SegmentRecord record{*header, std::string{payload}, offset_, offset_ + size};
      offset_ += size;
      return std::optional{std::move(record)};
    }
    pass_over(size);
  }
  return std::optional<SegmentRecord>{};
}

}  // namespace plimsoll
