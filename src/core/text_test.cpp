#include "core/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace plimsoll {
namespace {

TEST(Text, TrimsAndSplits) {
  EXPECT_EQ(trim("  a b\r\n"), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(split("a,,b", ',').size(), 3U);
  EXPECT_EQ(split("", ',').size(), 1U);
}

TEST(Text, NumbersAreTheWholeTextOrNothing) {
  EXPECT_EQ(parse_number<int>("-12"), -12);
  EXPECT_EQ(parse_number<unsigned>("-12"), std::nullopt);
  EXPECT_EQ(parse_number<int>("12 "), std::nullopt);
  EXPECT_EQ(parse_number<int>(""), std::nullopt);
  EXPECT_EQ(parse_number<std::uint8_t>("256"), std::nullopt);
  EXPECT_EQ(parse_number<double>("1e3"), 1000.0);
}

TEST(Text, BytesForPeople) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(543'700'000), "519 MiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16384 PiB");
}

TEST(Text, ParsesBytes) {
  EXPECT_EQ(parse_bytes("0"), 0U);
  EXPECT_EQ(parse_bytes("4096 B"), 4096U);
  EXPECT_EQ(parse_bytes("512KiB"), 524'288U);
  EXPECT_EQ(parse_bytes("1.5GiB"), 1'610'612'736U);
  EXPECT_EQ(parse_bytes("100 MB"), 100'000'000U);
  EXPECT_EQ(parse_bytes("2TiB"), 2'199'023'255'552U);
  for (const char* bad : {"", "GiB", "-1MiB", "1 gib", "1e300GiB", "nan", "1MiB2"}) {
    EXPECT_EQ(parse_bytes(bad), std::nullopt) << bad;
  }
}

TEST(Text, PrintableTamesWhatComesFromOutside) {
  EXPECT_EQ(printable("a\x1b[31mb\n"), "a?[31mb?");
  EXPECT_EQ(printable("a\u009b31mb\u00a0"), "a?31mb\u00a0");
  EXPECT_EQ(printable("h\xc3\xa9"), "h\xc3\xa9");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(Text, SafeNamesAndPathsNeedNoQuoting) {
  EXPECT_TRUE(is_safe_name("web-1_a.b"));
  EXPECT_FALSE(is_safe_name("-web"));
  EXPECT_FALSE(is_safe_name("a;rm"));
  EXPECT_FALSE(is_safe_name(""));
  EXPECT_TRUE(is_safe_path("/var/lib/docker/overlay2/abc/diff"));
  EXPECT_FALSE(is_safe_path("/var/../etc"));
  EXPECT_FALSE(is_safe_path("/a b"));
  EXPECT_FALSE(is_safe_path("relative"));
  EXPECT_FALSE(is_safe_path("/$(reboot)"));
}

TEST(Text, StableHashIsFnv1a) {
  EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325U);
  EXPECT_EQ(stable_hash("a"), 0xaf63dc4c8601ec8cU);
}

}  // namespace
}  // namespace plimsoll
