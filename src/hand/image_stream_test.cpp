#include "hand/image_stream.h"

#include <gtest/gtest.h>

#include "support/layer_fixture.h"

namespace plimsoll {
namespace {

using test::KeptOut;

const std::string config = R"({"os":"linux"})";

ImageHead two_layers() {
  ImageHead head;
  head.config_digest = digest_of(config);
  head.tags = {"app:1"};
  head.architecture = "amd64";
  head.os = "linux";
  head.first = 1;
  head.diff_ids = {digest_of("0"), digest_of("1"), digest_of("2")};
  head.sizes = {std::nullopt, Bytes{5}, Bytes{0}};
  return head;
}

std::string written(bool packed) {
  KeptOut out;
  ZstdOut zstd{&out, 1};
  ByteOut* into = packed ? static_cast<ByteOut*>(&zstd) : &out;
  ImageStreamWriter frames{into};
  EXPECT_TRUE(frames.head(two_layers()));
  EXPECT_TRUE(frames.frame(FrameKind::config, config));
  EXPECT_TRUE(frames.frame(FrameKind::layer));
  EXPECT_TRUE(frames.frame(FrameKind::data, "abc"));
  EXPECT_TRUE(frames.frame(FrameKind::data, "de"));
  EXPECT_TRUE(frames.end_layer());
  EXPECT_TRUE(frames.frame(FrameKind::layer));
  EXPECT_TRUE(frames.end_layer());
  EXPECT_TRUE(frames.frame(FrameKind::end));
  if (packed) {
    EXPECT_TRUE(zstd.end());
  }
  return out.text;
}

/// The kinds of all frames, and what the data frames hold; "!" where it ends in an error.
std::string told(const std::string& bytes, std::size_t piece, bool* whole = nullptr) {
  ImageStreamReader reader;
  std::string kinds;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.add(std::string_view{bytes}.substr(at, piece));
    for (;;) {
      const auto frame = reader.next();
      if (!frame) return kinds + "!";
      if (!*frame) break;
      kinds += static_cast<char>((*frame)->kind);
      if ((*frame)->kind == FrameKind::data) kinds += (*frame)->payload;
    }
  }
  if (whole != nullptr) *whole = reader.whole();
  return kinds;
}

TEST(ImageStreamTest, ComesBackHoweverItIsCut) {
  for (const bool packed : {false, true}) {
    const auto bytes = written(packed);
    for (const std::size_t piece : {1U, 2U, 7U, 4096U}) {
      bool whole = false;
      EXPECT_EQ(told(bytes, piece, &whole), "HCLDabcDdeELEZ") << piece;
      EXPECT_TRUE(whole);
    }
  }
}

TEST(ImageStreamTest, ItsHeadComesBack) {
  ImageStreamReader reader;
  reader.add(written(false));
  ASSERT_TRUE(reader.next());
  const auto& head = reader.head();
  const auto expected = two_layers();
  EXPECT_EQ(head.config_digest, expected.config_digest);
  EXPECT_EQ(head.tags, expected.tags);
  EXPECT_EQ(head.first, 1);
  EXPECT_EQ(head.diff_ids, expected.diff_ids);
  EXPECT_EQ(head.sizes, expected.sizes);
}

TEST(ImageStreamTest, EveryCutIsNoticed) {
  const auto bytes = written(false);
  for (std::size_t end = 0; end < bytes.size(); ++end) {
    bool whole = false;
    told(bytes.substr(0, end), 4096, &whole);
    EXPECT_FALSE(whole) << end;
  }
}

TEST(ImageStreamTest, HoldsItsHeadAgainstWhatComes) {
  struct Case {
    const char* name;
    std::vector<std::pair<FrameKind, std::string>> frames;
  };
  for (const auto& [name, frames] : {
           Case{"no config", {{FrameKind::layer, ""}}},
           Case{"another config", {{FrameKind::config, "{}"}}},
           Case{"too long",
                {{FrameKind::config, config}, {FrameKind::layer, ""}, {FrameKind::data, "abcdef"}}},
           Case{"too short",
                {{FrameKind::config, config},
                 {FrameKind::layer, ""},
                 {FrameKind::data, "a"},
                 {FrameKind::layer_end, ""}}},
           Case{"too few layers", {{FrameKind::config, config}, {FrameKind::end, ""}}},
       }) {
    KeptOut out;
    ImageStreamWriter writer{&out};
    ASSERT_TRUE(writer.head(two_layers()));
    for (const auto& [kind, payload] : frames) ASSERT_TRUE(writer.frame(kind, payload));
    EXPECT_TRUE(told(out.text, 4096).ends_with('!')) << name;
  }
}

TEST(ImageStreamTest, NothingComesBehindTheEnd) {
  EXPECT_TRUE(told(written(false) + written(false), 4096).ends_with("Z!"));
  EXPECT_EQ(told("no stream at all", 4096), "!");
}

TEST(ImageStreamTest, AnEndlessFrameIsRefusedBeforeItIsKept) {
  EXPECT_EQ(told(std::string{"plimage1H\xff\xff\xff\xff"}, 4096), "!");
}

TEST(ImageStreamTest, WhatIsPackedTooWellIsNotUnpackedAtOnce) {
  KeptOut out;
  ZstdOut zstd{&out, 1};
  ASSERT_TRUE(zstd.write("plimage1Dxxxx"));
  const std::string zeros(16 * mib, 'x');
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(zstd.write(zeros));
  ASSERT_TRUE(zstd.end());
  ImageStreamReader reader;
  reader.add(out.text);
  EXPECT_EQ(reader.next().error().code, Errc::too_large);
}

TEST(ImageStreamTest, AHeadThatNoImageHasIsRefused) {
  const auto digest = digest_of("x");
  const std::string layer = R"({"diff_id":")" + digest + R"(","size":1})";
  const std::string start = R"({"config":")" + digest + R"(",)";
  EXPECT_TRUE(parse_image_head(start + R"("first":0,"layers":[)" + layer + "]}"));
  EXPECT_FALSE(parse_image_head(start + R"("first":2,"layers":[)" + layer + "]}"));
  EXPECT_FALSE(parse_image_head(start + R"("first":-1,"layers":[)" + layer + "]}"));
  EXPECT_FALSE(parse_image_head(start + R"("layers":[)" + layer + "]}"));
  EXPECT_FALSE(parse_image_head(start + R"("first":0,"layers":[{"diff_id":"x","size":1}]})"));
  EXPECT_FALSE(parse_image_head(start + R"("first":0,"layers":[{"diff_id":")" + digest + "\"}]}"));
}

}  // namespace
}  // namespace plimsoll
