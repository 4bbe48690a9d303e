#include "spool/spool_format.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

PackedPoints packed(const std::string& bytes) {
  return {bytes, 3, TimePoint{Duration{100}}, TimePoint{Duration{200}}};
}

TEST(SpoolFormat, SegmentsAreNamedByNumber) {
  EXPECT_EQ(segment_name(42), "00000000000000000042.spool");
  EXPECT_EQ(segment_number("00000000000000000042.spool"), 42U);
  for (const char* name : {"", "42.spool", "0000000000000000004x.spool", "cursor",
                           "00000000000000000042.spool2", "-0000000000000000042.spool"}) {
    EXPECT_EQ(segment_number(name), std::nullopt) << name;
  }
}

TEST(SpoolFormat, ASegmentsHeaderComesBack) {
  const auto bytes = encode_segment_header({7, 1'000});
  EXPECT_EQ(bytes.size(), segment_header_bytes);
  EXPECT_EQ(parse_segment_header(bytes)->number, 7U);
  EXPECT_EQ(parse_segment_header(bytes)->points_before, 1'000U);
  EXPECT_EQ(parse_segment_header(encode_segment_header({7, std::nullopt}))->points_before,
            std::nullopt);
}

TEST(SpoolFormat, ARecordComesBack) {
  const auto bytes = encode_record(packed("payload"), 12);
  ASSERT_EQ(bytes.size(), record_header_bytes + 7);
  const auto header = parse_record_header(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->points, 3U);
  EXPECT_EQ(header->first_point, 12U);
  EXPECT_EQ(header->end_point(), 15U);
  EXPECT_EQ(header->oldest, TimePoint{Duration{100}});
  EXPECT_EQ(header->newest, TimePoint{Duration{200}});
  EXPECT_TRUE(is_payload_of(*header, "payload"));
  EXPECT_FALSE(is_payload_of(*header, "paYload"));
  EXPECT_FALSE(is_payload_of(*header, "payloa"));
}

template <class Parse>
void expect_every_flip_noticed(const std::string& good, Parse parse) {
  ASSERT_TRUE(parse(good));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1U << (bit % 8)));
    EXPECT_FALSE(parse(bad)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(parse(good.substr(0, size)));
}

TEST(SpoolFormat, EveryFlippedBitIsNoticed) {
  expect_every_flip_noticed(encode_segment_header({7, 5}), parse_segment_header);
  expect_every_flip_noticed(encode_record(packed("p"), 1).substr(0, record_header_bytes),
                            parse_record_header);
  expect_every_flip_noticed(encode_cursor({3, 9}), parse_cursor);
}

TEST(SpoolFormat, TheCursorComesBack) {
  EXPECT_EQ(parse_cursor(encode_cursor({3, 9})), (SpoolCursor{3, 9}));
  EXPECT_EQ(parse_cursor(encode_cursor({3, 9}) + "x"), std::nullopt);
  EXPECT_EQ(parse_cursor(std::string(28, '\0')), std::nullopt);
}

TEST(SpoolFormat, FindsWhereARecordMayBegin) {
  const auto record = encode_record(packed("x"), 0);
  EXPECT_EQ(find_record("junk" + record, 0), 4U);
  EXPECT_EQ(find_record(record, 1), record.size());
  EXPECT_EQ(find_record("", 0), 0U);
}

}  // namespace
}  // namespace plimsoll
