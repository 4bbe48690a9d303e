#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "spool/point_packer.h"

namespace plimsoll {

// The files of the spool's folder, byte by byte: docs/formats/spool.md. Numbers are little-endian.

inline constexpr std::size_t segment_header_bytes = 28;
inline constexpr std::size_t record_header_bytes = 48;
inline constexpr std::size_t record_bytes_max = 32U << 20;  ///< Of a record's payload.
inline constexpr std::string_view cursor_file = "cursor";

/// "00000000000000000042.spool"
[[nodiscard]] std::string segment_name(std::uint64_t number);
/// Nothing where the name is not a segment's.
[[nodiscard]] std::optional<std::uint64_t> segment_number(std::string_view name);

/// The first bytes of a segment.
struct SegmentHeader {
  std::uint64_t number = 0;
  /// How many points the segment before this one had when it was closed; nothing: not known.
  std::optional<std::uint64_t> points_before;
};
[[nodiscard]] std::string encode_segment_header(const SegmentHeader& header);
[[nodiscard]] std::optional<SegmentHeader> parse_segment_header(std::string_view bytes);

/// Stands before each record's payload, with a checksum of its own.
struct RecordHeader {
  std::uint32_t bytes = 0;        ///< Of the payload.
  std::uint32_t payload_crc = 0;  ///< CRC-32 as in zlib.
  std::uint32_t points = 0;
  /// How many points stand before it in its segment: its place in the sequence.
  std::uint64_t first_point = 0;
  TimePoint oldest, newest;

  [[nodiscard]] std::uint64_t end_point() const { return first_point + points; }
};
[[nodiscard]] std::string encode_record(const PackedPoints& points, std::uint64_t first_point);
/// Nothing where these bytes are not a whole header.
[[nodiscard]] std::optional<RecordHeader> parse_record_header(std::string_view bytes);
[[nodiscard]] bool is_payload_of(const RecordHeader& header, std::string_view payload);
/// Where a record's header may begin at or after `from`; the end where there is none.
[[nodiscard]] std::size_t find_record(std::string_view bytes, std::size_t from);

/// How far the store has got: all before this point is with it.
struct SpoolCursor {
  std::uint64_t segment = 0;
  std::uint64_t point = 0;  ///< So many of that segment's.
  friend auto operator<=>(const SpoolCursor&, const SpoolCursor&) = default;
};
[[nodiscard]] std::string encode_cursor(const SpoolCursor& cursor);
[[nodiscard]] std::optional<SpoolCursor> parse_cursor(std::string_view bytes);

}  // namespace plimsoll
