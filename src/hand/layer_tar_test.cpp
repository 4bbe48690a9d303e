// Sensitivity: RESOLVE_IN_ROOT taken out of layer_tar.cpp turns NoLinkLeadsOut red; the comparison
// of digests taken out turns AChangedFileIsNoticed red.
#include "hand/layer_tar.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "hand/image_store.h"
#include "hand/tar_split.h"
#include "support/layer_fixture.h"

namespace plimsoll {
namespace {

using test::KeptOut;
using test::LayerFile;
using test::LayerFixture;

struct LayerTarTest : testing::Test {
  Result<std::string> tar(std::size_t layer) {
    const auto chains = layer_chains(docker.diff_ids).value();
    const auto files = store.files(chains[layer], docker.diff_ids[layer]);
    if (!files) return files.error();
    KeptOut out;
    const auto written = write_layer_tar(*files, docker.diff_ids[layer], &out);
    if (!written) return written.error();
    EXPECT_EQ(count(*written), out.text.size());
    EXPECT_EQ(count(tar_bytes(files->tar_split).value()), out.text.size());
    return std::move(out.text);
  }

  LayerFixture docker;
  LayerDb store{docker.root.path()};
};

TEST_F(LayerTarTest, IsTheTarItWas) {
  const std::vector<LayerFile> base{
      {"etc/", ""}, {"etc/hostname", "h1\n"}, {"bin/large", std::string(3'000'000, 'x')}};
  const std::vector<LayerFile> top{
      {"./etc/hostname", "h2\n"}, {"etc/.wh.gone", ""}, {"/opt/absolute", "a"}};
  docker.add(base);
  docker.add(top);
  EXPECT_EQ(tar(0).value(), test::tar_of(base));
  EXPECT_EQ(tar(1).value(), test::tar_of(top));
}

TEST_F(LayerTarTest, AnEmptyLayerIsTwoBlocks) {
  docker.add({});
  EXPECT_EQ(tar(0)->size(), 1024);
}

TEST_F(LayerTarTest, AChangedFileIsNoticed) {
  docker.add({{"etc/hostname", "h1\n"}});
  docker.root.write("overlay2/cache1/diff/etc/hostname", "h3\n");
  EXPECT_EQ(tar(0).error().code, Errc::malformed);
}

TEST_F(LayerTarTest, AMissingFileSaysThatAnotherWayMayDo) {
  docker.add({{"etc/hostname", "h1\n"}});
  std::filesystem::remove(docker.diff(0) / "etc/hostname");
  const auto failed = tar(0).error();
  EXPECT_EQ(failed.code, Errc::not_found);
  EXPECT_NE(failed.message.find("etc/hostname"), std::string::npos);
}

TEST_F(LayerTarTest, AFileOfAnotherSizeIsNotRead) {
  docker.add({{"etc/hostname", "h1\n"}});
  docker.root.write("overlay2/cache1/diff/etc/hostname", "longer than it was\n");
  EXPECT_EQ(tar(0).error().code, Errc::not_found);
}

TEST_F(LayerTarTest, NoLinkLeadsOut) {
  const std::string secret = "of the host";
  docker.root.write("secret/file", secret);
  docker.add({{"etc/file", secret}, {"../../../secret/file", secret}});
  std::filesystem::remove_all(docker.diff(0) / "etc");
  std::filesystem::create_directory_symlink(docker.root.path() / "secret", docker.diff(0) / "etc");
  EXPECT_EQ(tar(0).error().code, Errc::not_found);
}

TEST_F(LayerTarTest, ALinkThatStaysInsideIsFollowed) {
  docker.add({{"lib/file", "content"}});
  std::filesystem::rename(docker.diff(0) / "lib", docker.diff(0) / "real");
  std::filesystem::create_directory_symlink("/real", docker.diff(0) / "lib");
  EXPECT_TRUE(tar(0).has_value());
}

TEST_F(LayerTarTest, WhatIsNoFileIsNotWaitedFor) {
  docker.add({{"etc/fifo", "x"}});
  std::filesystem::remove(docker.diff(0) / "etc/fifo");
  ASSERT_EQ(::mkfifo((docker.diff(0) / "etc/fifo").c_str(), 0600), 0);
  EXPECT_EQ(tar(0).error().code, Errc::not_found);
}

TEST_F(LayerTarTest, ALayerThatIsNotThereIsNotFound) {
  docker.add({{"a", "a"}});
  const auto chain = digest_of("nothing");
  EXPECT_FALSE(store.has(chain));
  EXPECT_EQ(store.files(chain, chain).error().code, Errc::not_found);
}

TEST_F(LayerTarTest, ACacheIdLeadsNowhereElse) {
  docker.add({{"a", "a"}});
  const auto chain = layer_chains(docker.diff_ids).value().front();
  docker.root.write("image/overlay2/layerdb/sha256/" + hex_of(chain) + "/cache-id", "../../etc");
  EXPECT_EQ(store.files(chain, docker.diff_ids[0]).error().code, Errc::malformed);
}

TEST_F(LayerTarTest, ADamagedTarSplitIsAnError) {
  docker.add({{"a", "a"}});
  const auto chain = layer_chains(docker.diff_ids).value().front();
  const auto name = "image/overlay2/layerdb/sha256/" + hex_of(chain) + "/tar-split.json.gz";
  test::write_gzip(docker.root.path() / name, "{\"type\":2,\"payload\":\"!\"}\n");
  EXPECT_EQ(tar(0).error().code, Errc::malformed);
  docker.root.write(name, "\x1f\x8b no gzip");
  EXPECT_FALSE(tar(0).has_value());
}

TEST(TarSplitTest, ReadsFilesAndSegments) {
  const auto file =
      parse_tar_split_line(R"({"type":1,"name":"a/b","size":12,"position":3})").value();
  EXPECT_EQ(file->file, "a/b");
  EXPECT_EQ(file->file_bytes, 12);
  EXPECT_EQ(parse_tar_split_line(R"({"type":2,"payload":"AAEC"})").value()->bytes,
            (std::string{'\0', '\1', '\2'}));
  EXPECT_EQ(parse_tar_split_line(R"({"type":1,"name_raw":"/w==","size":1})").value()->file, "\xff");
  EXPECT_FALSE(parse_tar_split_line(R"({"type":1,"name":"empty","size":0})").value());
}

TEST(TarSplitTest, RefusesWhatIsNone) {
  for (const char* line :
       {"", "[]", R"({"type":3})", R"({"type":1,"size":1})", R"({"type":1,"name":"a","size":-1})",
        R"({"type":2,"payload":"A"})", R"({"type":1,"name_raw":"AA==","size":1})"}) {
    EXPECT_FALSE(parse_tar_split_line(line)) << line;
  }
}

TEST(ImageChainTest, NamesEachLayerWithAllBelow) {
  const auto first = digest_of("a"), second = digest_of("b");
  const auto chains = layer_chains({first, second}).value();
  EXPECT_EQ(chains[0], first);
  EXPECT_EQ(chains[1], digest_of(first + " " + second));
  EXPECT_EQ(digest_of(""),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_FALSE(layer_chains({"sha256:zz"}));
  EXPECT_FALSE(layer_chains(std::vector<std::string>(image_layers_max + 1, first)));
}

}  // namespace
}  // namespace plimsoll
