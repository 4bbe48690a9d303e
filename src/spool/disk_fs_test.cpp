#include "spool/disk_fs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;

class DiskFsTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path folder() const { return temp_.path() / "data" / "spool"; }
  TempDir temp_;
};

TEST_F(DiskFsTest, FilesGrowShrinkAndGo) {
  auto fs = DiskFs::open(folder()).value();
  ASSERT_TRUE(fs->append("a", "one"));
  ASSERT_TRUE(fs->append("a", "two"));
  ASSERT_TRUE(fs->append("b", "x"));
  ASSERT_TRUE(fs->append("a", "three"));
  EXPECT_EQ(fs->read("a", 0, 100).value(), "onetwothree");
  EXPECT_EQ(fs->read("a", 3, 3).value(), "two");
  EXPECT_EQ(fs->read("a", 50, 3).value(), "");
  ASSERT_TRUE(fs->truncate("a", 4));
  ASSERT_TRUE(fs->append("a", "!"));
  EXPECT_EQ(fs->read("a", 0, 100).value(), "onet!");
  ASSERT_TRUE(fs->sync("a"));
  ASSERT_TRUE(fs->sync("b"));
  ASSERT_TRUE(fs->remove("a"));
  ASSERT_TRUE(fs->remove("a"));
  EXPECT_EQ(fs->read("a", 0, 1).error().code, Errc::not_found);
  ASSERT_TRUE(fs->append("a", "new"));
  EXPECT_EQ(fs->read("a", 0, 100).value(), "new");
}

TEST_F(DiskFsTest, ReplacesAtOnceAndLists) {
  auto fs = DiskFs::open(folder()).value();
  ASSERT_TRUE(fs->replace("cursor", "old"));
  ASSERT_TRUE(fs->replace("cursor", "newer"));
  EXPECT_EQ(fs->read("cursor", 0, 100).value(), "newer");
  std::filesystem::create_directory(folder() / "sub");
  std::filesystem::create_symlink("cursor", folder() / "link");
  const auto files = fs->list().value();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].name, "cursor");
  EXPECT_EQ(files[0].bytes, 5U);
}

TEST_F(DiskFsTest, IsItsOwnersOnly) {
  auto fs = DiskFs::open(folder()).value();
  ASSERT_TRUE(fs->append("a", "secret"));
  struct stat status {};
  ASSERT_EQ(::stat(folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat((folder() / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(DiskFsTest, TheSecondSaysWhoHoldsIt) {
  auto first = DiskFs::open(folder()).value();
  const auto second = DiskFs::open(folder());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
  EXPECT_THAT(second.error().message,
              HasSubstr(folder().string() + ": is in use by process " + std::to_string(::getpid()) +
                        " (" + program_invocation_short_name + ")"));
  first.reset();
  EXPECT_TRUE(DiskFs::open(folder()));
}

TEST_F(DiskFsTest, AKilledProcessHoldsNothing) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto fs = DiskFs::open(folder());
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(std::filesystem::exists(folder() / "lock"));
  EXPECT_TRUE(DiskFs::open(folder()));
}

TEST_F(DiskFsTest, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream{temp_.path() / "data"} << "a file";
  const auto fs = DiskFs::open(folder());
  ASSERT_FALSE(fs);
  EXPECT_NE(fs.error().code, Errc::conflict);
  EXPECT_THAT(fs.error().message, HasSubstr((temp_.path() / "data").string()));
}

TEST_F(DiskFsTest, AFullDiskIsAnErrorWithTheFilesName) {
  auto fs = DiskFs::open(folder()).value();
  // The kernel's own full disk cannot stand in a folder: a link to it is not followed.
  std::filesystem::create_symlink("/dev/full", folder() / "full");
  const auto written = fs->append("full", "x");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("spool/full: cannot open"));
}

}  // namespace
}  // namespace plimsoll
