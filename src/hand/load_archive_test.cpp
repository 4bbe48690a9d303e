#include "hand/load_archive.h"

#include <gtest/gtest.h>

#include "hand/save_spool.h"
#include "support/layer_fixture.h"

namespace plimsoll {
namespace {

using test::KeptOut;

struct LoadArchiveTest : testing::Test {
  /// What SaveSpool, fed in pieces, makes of an archive.
  std::unique_ptr<SaveSpool> spool(const std::string& archive, std::set<std::string> over = {}) {
    auto made = std::make_unique<SaveSpool>(folder.path() / "spool", std::move(over));
    for (std::size_t at = 0; at < archive.size(); at += 333) {
      EXPECT_TRUE(made->take(std::string_view{archive}.substr(at, 333)));
    }
    return made;
  }
  static std::string file(const std::string& name, const std::string& bytes) {
    return tar_head(name, bytes.size()) + bytes + tar_padding(bytes.size());
  }
  static std::string gzipped(const TempDir& folder, const std::string& bytes) {
    test::write_gzip(folder.path() / "packed", bytes);
    std::ifstream packed{folder.path() / "packed"};
    return {std::istreambuf_iterator<char>{packed}, {}};
  }
  static ImageHead head_of(const std::vector<std::string>& layers) {
    ImageHead head;
    for (const auto& layer : layers) {
      head.diff_ids.push_back(digest_of(layer));
      head.sizes.emplace_back(Bytes{layer.size()});
    }
    head.architecture = "amd64";
    head.os = "linux";
    return head;
  }

  TempDir folder;
};

TEST_F(LoadArchiveTest, WhatWeWriteIsWhatDockerSaveWrites) {
  const std::string layer = test::tar_of({{"a", "content"}});
  const auto head = head_of({layer});
  auto archive = file(blob_name(head.diff_ids[0]), layer);
  archive += archive_tail(head, 1, "{}", {"app:1"});
  const auto saved = spool(archive);
  ASSERT_TRUE(saved->saved());
  EXPECT_EQ(saved->saved()->config, "{}");
  const auto name = saved->saved()->layers.at(0);
  EXPECT_EQ(count(saved->check_layer(name, head.diff_ids[0]).value()), layer.size());
  EXPECT_FALSE(saved->check_layer(name, digest_of("another")));
}

TEST_F(LoadArchiveTest, OldDockersLayoutIsRead) {
  const std::string layer = test::tar_of({{"a", "content"}});
  auto link = tar_head("two/layer.tar", 0);
  link[156] = '2';
  link.replace(157, 16, "../one/layer.tar");
  const auto archive =
      tar_head("one/", 0) + file("one/layer.tar", layer) + link + file("c.json", "{}") +
      file("manifest.json", R"([{"Config":"c.json","Layers":["one/layer.tar","two/layer.tar"]}])") +
      std::string(1024, '\0');
  const auto saved = spool(archive);
  const auto names = saved->saved().value().layers;
  EXPECT_EQ(names.size(), 2);
  for (const auto& name : names) {
    EXPECT_TRUE(saved->check_layer(name, digest_of(layer))) << name;
  }
}

TEST_F(LoadArchiveTest, PackedLayersAreUnpacked) {
  const auto layer = test::tar_of({{"a", std::string(2'000'000, 'a')}});
  KeptOut zstd;
  ZstdOut packer{&zstd, 3};
  ASSERT_TRUE(packer.write(layer));
  ASSERT_TRUE(packer.end());
  const auto saved = spool(file("gz", gzipped(folder, layer)) + file("zst", zstd.text) +
                           file("cut", zstd.text.substr(0, zstd.text.size() / 2)));
  for (const char* name : {"gz", "zst"}) {
    KeptOut out;
    ASSERT_TRUE(saved->write_layer(name, &out)) << name;
    EXPECT_EQ(out.text, layer) << name;
  }
  EXPECT_FALSE(saved->check_layer("cut", digest_of(layer)));
  EXPECT_EQ(saved->check_layer("none", digest_of(layer)).error().code, Errc::not_found);
}

TEST_F(LoadArchiveTest, WhatIsPassedOverTakesNoRoom) {
  const auto saved =
      spool(file("large", std::string(100'000, 'x')) + file("small", "y"), {"large"});
  EXPECT_FALSE(saved->check_layer("large", digest_of("x")));
  EXPECT_TRUE(saved->check_layer("small", digest_of("y")));
}

TEST_F(LoadArchiveTest, ACutArchiveIsNoArchive) {
  const auto archive = file("manifest.json", R"([{"Config":"c","Layers":[]}])");
  for (const std::size_t end : {std::size_t{0}, std::size_t{100}, std::size_t{520}}) {
    EXPECT_FALSE(spool(archive.substr(0, end))->saved()) << end;
  }
}

TEST_F(LoadArchiveTest, LargeFilesHaveTheirSizeInBase256) {
  const std::uint64_t large = std::uint64_t{9} << 30;
  const auto head = tar_head("x", large);
  EXPECT_EQ(static_cast<unsigned char>(head[124]), 0x80);
  EXPECT_EQ(head.size(), 512);
  EXPECT_EQ(static_cast<unsigned char>(head[131]), 0x02);
  EXPECT_EQ(static_cast<unsigned char>(head[132]), 0x40);
}

TEST_F(LoadArchiveTest, HoldersAreLabelledAndHaveNoName) {
  const auto head = head_of({"a", "b"});
  const auto config = holder_config(head, 1, "m1");
  EXPECT_NE(config.find(R"("Labels":{"plimsoll.move.id":"m1"})"), std::string::npos);
  EXPECT_NE(config.find(head.diff_ids[0]), std::string::npos);
  EXPECT_EQ(config.find(head.diff_ids[1]), std::string::npos);
  EXPECT_NE(archive_tail(head, 1, config, {}).find(R"("RepoTags":null)"), std::string::npos);
}

TEST_F(LoadArchiveTest, NamesAreMadeWhole) {
  EXPECT_EQ(full_image_name("app:1"), "docker.io/library/app:1");
  EXPECT_EQ(full_image_name("me/app:1"), "docker.io/me/app:1");
  EXPECT_EQ(full_image_name("registry.lan:5000/app:1"), "registry.lan:5000/app:1");
  EXPECT_EQ(full_image_name("localhost/app:1"), "localhost/app:1");
}

}  // namespace
}  // namespace plimsoll
