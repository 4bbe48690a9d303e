#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spool/spool_format.h"
#include "spool/spool_fs.h"

namespace plimsoll {

/// Bytes of a segment that are no whole record.
struct SegmentDamage {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

struct SegmentRecord {
  RecordHeader header;
  std::string payload;
  std::uint64_t offset = 0;  ///< Of the header.
  std::uint64_t end = 0;     ///< Behind the payload.
};

/// Reads a segment's records one by one. What is damaged is passed over: to the place that an
/// intact header names, else to the next bytes that are a whole header. Reads little more than a
/// record ahead, whatever the file's size. Requires: `fs` outlives it.
class SegmentReader {
 public:
  SegmentReader(SpoolFs& fs, std::string name, std::uint64_t offset)
      : fs_(fs), name_(std::move(name)), offset_(offset) {}

  /// The next whole record that ends at or before `end`; nothing: there is none.
  /// Errors: as SpoolFs::read.
  [[nodiscard]] Result<std::optional<SegmentRecord>> next(std::uint64_t end);

  /// In the order of the file; neighbours are one.
  [[nodiscard]] const std::vector<SegmentDamage>& damage() const { return damage_; }
  /// How many points the segment had, as far as intact headers say.
  [[nodiscard]] std::uint64_t points_known() const { return points_known_; }

 private:
  [[nodiscard]] Result<std::string_view> window(std::size_t bytes, std::uint64_t end);
  [[nodiscard]] Result<void> pass_to_next_header(std::uint64_t end);
  void pass_over(std::uint64_t bytes);

  SpoolFs& fs_;
  std::string name_;
  std::uint64_t offset_;
  std::string buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::uint64_t points_known_ = 0;
  std::vector<SegmentDamage> damage_;
};

}  // namespace plimsoll
