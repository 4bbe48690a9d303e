#include "spool/spool_format.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <limits>

#include "core/text.h"
#include "spool/byte_codec.h"

namespace plimsoll {
namespace {

constexpr std::string_view segment_magic = "PLSPOOL1";
constexpr std::string_view cursor_magic = "PLSCURS1";
constexpr std::string_view record_magic = "PSR1";
constexpr std::string_view suffix = ".spool";
constexpr std::size_t digits = 20;
constexpr std::uint64_t unknown = std::numeric_limits<std::uint64_t>::max();

std::uint32_t crc_of(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

// Magic, then the CRC of what follows, then that.
std::string sealed(std::string_view magic, std::string_view body) {
  std::string out{magic};
  append_fixed(out, crc_of(body));
  out += body;
  return out;
}

std::optional<ByteReader> unsealed(std::string_view bytes, std::string_view magic,
                                   std::size_t size) {
  if (bytes.size() < size || !bytes.starts_with(magic)) return std::nullopt;
  ByteReader reader{bytes.substr(magic.size(), size - magic.size())};
  const auto crc = reader.fixed<std::uint32_t>();
  const auto body = bytes.substr(magic.size() + sizeof crc, reader.left());
  if (crc_of(body) != crc) return std::nullopt;
  return reader;
}

std::uint64_t ms_of(TimePoint time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}
TimePoint time_of(std::uint64_t ms) { return TimePoint{Duration{static_cast<std::int64_t>(ms)}}; }

}  // namespace

std::string segment_name(std::uint64_t number) { return fmt::format("{:020}{}", number, suffix); }

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  return parse_number<std::uint64_t>(name.substr(0, digits));
}

std::string encode_segment_header(const SegmentHeader& header) {
  std::string body;
  append_fixed(body, header.number);
  append_fixed(body, header.points_before.value_or(unknown));
  return sealed(segment_magic, body);
}

std::optional<SegmentHeader> parse_segment_header(std::string_view bytes) {
  auto reader = unsealed(bytes, segment_magic, segment_header_bytes);
  if (!reader) return std::nullopt;
  SegmentHeader header;
  header.number = reader->fixed<std::uint64_t>();
  const auto before = reader->fixed<std::uint64_t>();
  if (before != unknown) header.points_before = before;
  return header;
}

std::string encode_record(const PackedPoints& points, std::uint64_t first_point) {
  std::string body;
  append_fixed(body, static_cast<std::uint32_t>(points.bytes.size()));
  append_fixed(body, crc_of(points.bytes));
  append_fixed(body, points.points);
  append_fixed(body, std::uint32_t{0});
  append_fixed(body, first_point);
  append_fixed(body, ms_of(points.oldest));
  append_fixed(body, ms_of(points.newest));
  return sealed(record_magic, body) + points.bytes;
}

std::optional<RecordHeader> parse_record_header(std::string_view bytes) {
  auto reader = unsealed(bytes, record_magic, record_header_bytes);
  if (!reader) return std::nullopt;
  RecordHeader header;
  header.bytes = reader->fixed<std::uint32_t>();
  header.payload_crc = reader->fixed<std::uint32_t>();
  header.points = reader->fixed<std::uint32_t>();
  const auto reserved = reader->fixed<std::uint32_t>();
  header.first_point = reader->fixed<std::uint64_t>();
  header.oldest = time_of(reader->fixed<std::uint64_t>());
  header.newest = time_of(reader->fixed<std::uint64_t>());
  if (reserved != 0 || header.bytes > record_bytes_max) return std::nullopt;
  return header;
}

bool is_payload_of(const RecordHeader& header, std::string_view payload) {
  return payload.size() == header.bytes && crc_of(payload) == header.payload_crc;
}

std::size_t find_record(std::string_view bytes, std::size_t from) {
  return std::min(bytes.find(record_magic, from), bytes.size());
}

std::string encode_cursor(const SpoolCursor& cursor) {
  std::string body;
  append_fixed(body, cursor.segment);
  append_fixed(body, cursor.point);
  return sealed(cursor_magic, body);
}

std::optional<SpoolCursor> parse_cursor(std::string_view bytes) {
  constexpr std::size_t size = 28;
  auto reader = unsealed(bytes, cursor_magic, size);
  if (!reader || bytes.size() != size) return std::nullopt;
  SpoolCursor cursor;
  cursor.segment = reader->fixed<std::uint64_t>();
  cursor.point = reader->fixed<std::uint64_t>();
  return cursor;
}

}  // namespace plimsoll
