#include "hand/tree_digest.h"

#include <gmock/gmock.h>

#include "support/odd_tree.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using namespace test;
using ::testing::HasSubstr;

std::string digest(const fs::path& root, const DigestOptions& options = {}) {
  const auto done = digest_tree(root, options);
  return done ? to_hex(done->sum) : done.error().message;
}

struct Change {
  const char* name;
  void (*make)(const fs::path& root);
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

const Change changes[] = {
    {"contents", [](const fs::path& root) { swap_contents(root / "plain", "Hello\n"); }},
    {"size", [](const fs::path& root) { fs::resize_file(root / "sparse", 3'000'001); }},
    {"name", [](const fs::path& root) { fs::rename(root / "plain", root / "plain2"); }},
    {"mode", [](const fs::path& root) { ::chmod((root / "plain").c_str(), 0640); }},
    {"sticky bit", [](const fs::path& root) { ::chmod((root / "deep").c_str(), 01755); }},
    {"root's mode", [](const fs::path& root) { ::chmod(root.c_str(), 0755); }},
    {"owner", [](const fs::path& root) { must(::chown((root / "fifo").c_str(), 5, 0) == 0, ""); }},
    {"group",
     [](const fs::path& root) { must(::lchown((root / "etc/link").c_str(), 0, 5) == 0, ""); }},
    {"time", [](const fs::path& root) { set_time(root / "plain", 1'000'000'000, 123'456'790); }},
    {"folder's time", [](const fs::path& root) { set_time(root / "deep", 1, 1); }},
    {"link's time", [](const fs::path& root) { set_time(root / "etc/link", 1, 1); }},
    {"user attribute",
     [](const fs::path& root) { set_attribute(root / "plain", "user.note", "y"); }},
    {"new attribute", [](const fs::path& root) { set_attribute(root / "deep", "user.a", ""); }},
    {"attribute of a link",
     [](const fs::path& root) { set_attribute(root / "etc/link", "trusted.note", "else"); }},
    {"capability",
     [](const fs::path& root) {
       set_attribute(root / "plain", "security.capability", capability(0x40));
     }},
    {"access list",
     [](const fs::path& root) {
       set_attribute(root / "etc/other", "system.posix_acl_access", access_list(78, 5));
     }},
    {"default access list",
     [](const fs::path& root) {
       set_attribute(root / "deep", "system.posix_acl_default", access_list(78, 5));
     }},
    {"opaque",
     [](const fs::path& root) {
       must(::removexattr((root / "opaque").c_str(), "trusted.overlay.opaque") == 0, "remove");
     }},
    {"target",
     [](const fs::path& root) {
       fs::remove(root / "etc/link");
       fs::create_symlink("../nowhera", root / "etc/link");
       set_attribute(root / "etc/link", "trusted.note", "on a link");
       set_time(root / "etc/link", 1'000'000'001, 1);
       set_time(root / "etc", 1'000'000'003, 3);
     }},
    {"hard link apart",
     [](const fs::path& root) {
       fs::copy_file(root / "etc/other", root / "apart");
       must(::rename((root / "apart").c_str(), (root / "etc/other").c_str()) == 0, "rename");
     }},
    {"hard link more",
     [](const fs::path& root) { fs::create_hard_link(root / "plain", root / "again"); }},
    {"device's number",
     [](const fs::path& root) {
       fs::remove(root / "device");
       must(::mknod((root / "device").c_str(), S_IFCHR | 0660, makedev(10, 201)) == 0, "mknod");
     }},
    {"whiteout gone", [](const fs::path& root) { fs::remove(root / "whiteout"); }},
    {"whiteout more",
     [](const fs::path& root) {
       must(::mknod((root / "deep/white").c_str(), S_IFCHR, makedev(0, 0)) == 0, "mknod");
     }},
    {"socket gone", [](const fs::path& root) { fs::remove(root / "socket"); }},
    {"fifo gone", [](const fs::path& root) { fs::remove(root / "fifo"); }},
    {"empty folder", [](const fs::path& root) { fs::create_directory(root / "deep/empty"); }},
};

struct ChangedTree : testing::TestWithParam<Change> {
  TempDir folder;
  TempDir run;
};

TEST_P(ChangedTree, HasAnotherDigest) {
  make_odd_tree(folder.path());
  DigestOptions options;
  options.cache = run.path() / "digest";
  const auto before = digest(folder.path(), options);
  ASSERT_EQ(before.size(), 64U) << before;
  EXPECT_EQ(digest(folder.path(), options), before);
  GetParam().make(folder.path());
  const auto after = digest(folder.path(), options);
  EXPECT_NE(after, before);
  EXPECT_EQ(after, digest(folder.path())) << "with the cache and without";
}

INSTANTIATE_TEST_SUITE_P(Each, ChangedTree, testing::ValuesIn(changes));

TEST(TreeDigest, WhatBelongsToAMountIsLeftOut) {
  const TempDir folder;
  make_odd_tree(folder.path());
  const auto before = digest(folder.path());
  set_attribute(folder.path() / "deep", "trusted.overlay.origin", "handle");
  set_attribute(folder.path() / "deep", "trusted.overlay.impure", "y");
  set_attribute(folder.path(), "trusted.overlay.uuid", "u");
  (void)std::ifstream{folder.path() / "plain"}.get();
  EXPECT_EQ(digest(folder.path()), before);
}

TEST(TreeDigest, OfAWhiteoutOnlyThatItIsOne) {
  const TempDir folder;
  make_odd_tree(folder.path());
  const auto before = digest(folder.path());
  struct stat root {};
  ::stat(folder.path().c_str(), &root);
  // Newer kernels make all whiteouts one file; older ones make each by itself.
  fs::create_hard_link(folder.path() / "whiteout", folder.path() / "w");
  fs::remove(folder.path() / "whiteout");
  fs::rename(folder.path() / "w", folder.path() / "whiteout");
  set_time(folder.path() / "whiteout", 5, 5);
  set_time(folder.path(), root.st_mtim.tv_sec, root.st_mtim.tv_nsec);
  EXPECT_EQ(digest(folder.path()), before);
}

/// Waits until the clock that stamps files has passed what is trusted.
void let_stamps_age() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{60};
  while (std::chrono::steady_clock::now() < until) {
  }
}

TEST(TreeDigest, TheCacheSavesReading) {
  const TempDir folder;
  const TempDir run;
  make_odd_tree(folder.path());
  let_stamps_age();
  DigestOptions options;
  options.cache = run.path() / "digest";
  options.live = true;
  const auto first = digest_tree(folder.path(), options).value();
  EXPECT_EQ(first.read, first.bytes);
  EXPECT_EQ(first.entries, 17U);
  options.live = false;
  const auto second = digest_tree(folder.path(), options).value();
  EXPECT_EQ(second.read, Bytes{});
  EXPECT_EQ(second.bytes, first.bytes);
  EXPECT_EQ(second.sum, first.sum);
  write_text(folder.path() / "plain", "longer than before\n");
  const auto third = digest_tree(folder.path(), options).value();
  EXPECT_EQ(third.read, Bytes{19});
}

TEST(TreeDigest, WhatWasWrittenJustNowIsNotTrusted) {
  const TempDir folder;
  const TempDir run;
  write_text(folder.path() / "file", "now");
  DigestOptions options;
  options.cache = run.path() / "digest";
  // A store so near to the reading may carry the same time: it is read again.
  (void)digest_tree(folder.path(), options).value();
  EXPECT_EQ(digest_tree(folder.path(), options).value().read, Bytes{3});
}

TEST(TreeDigest, ABrokenCacheIsNone) {
  const TempDir folder;
  const TempDir run;
  make_odd_tree(folder.path());
  let_stamps_age();
  DigestOptions options;
  options.cache = run.path() / "digest";
  const auto sum = digest(folder.path(), options);
  std::string text;
  {
    std::ifstream in{options.cache};
    text.assign(std::istreambuf_iterator<char>{in}, {});
  }
  ASSERT_GT(text.size(), 100U);
  for (const auto& broken : {text.substr(0, text.size() / 2), std::string{"plimsoll digests 1\n"},
                             std::string{}, text.substr(1) + 'x'}) {
    write_text(options.cache, broken);
    EXPECT_EQ(digest(folder.path(), options), sum);
  }
}

TEST(TreeDigest, ListsWhatIsInAFolder) {
  const TempDir one;
  const TempDir two;
  make_odd_tree(one.path());
  make_odd_tree(two.path());
  write_text(two.path() / "deep/er/one", "linkeD");
  DigestOptions options;
  options.list = "";
  const auto here = digest_tree(one.path(), options).value().listed;
  const auto there = digest_tree(two.path(), options).value().listed;
  ASSERT_EQ(here.size(), there.size());
  EXPECT_EQ(here.size(), 11U);
  options.list = "deep/er";
  const auto deep = digest_tree(one.path(), options).value().listed;
  ASSERT_EQ(deep.size(), 1U);
  EXPECT_EQ(deep.front().name, "one");
  EXPECT_NE(deep.front().sum, digest_tree(two.path(), options).value().listed.front().sum);
}

TEST(TreeDigest, BoundsAreKept) {
  const TempDir folder;
  fs::create_directories(folder.path() / "a/b/c/d");
  DigestOptions options;
  options.limits.depth_max = 4;
  EXPECT_EQ(digest_tree(folder.path(), options).error().code, Errc::too_large);
  options.limits = {};
  options.limits.entries_max = 4;
  EXPECT_EQ(digest_tree(folder.path(), options).error().code, Errc::too_large);
  EXPECT_EQ(digest_tree(folder.path() / "none", {}).error().code, Errc::not_found);
  write_text(folder.path() / "file", "");
  EXPECT_FALSE(digest_tree(folder.path() / "file", {}));
}

TEST(TreeUsage, CountsEachFileOnce) {
  const TempDir folder;
  make_odd_tree(folder.path());
  const auto usage = tree_usage(folder.path(), {}).value();
  EXPECT_EQ(usage.entries, 17U);
  EXPECT_EQ(usage.files, 6U);
  EXPECT_EQ(usage.bytes, Bytes{6 + 2 + 1 + 1 + 6 + 3'000'000});
  EXPECT_EQ(usage.largest, Bytes{3'000'000});
  EXPECT_LT(usage.disk, Bytes{300'000}) << "holes take no disk";
  EXPECT_TRUE(usage.hard_links);
}

}  // namespace
}  // namespace plimsoll
