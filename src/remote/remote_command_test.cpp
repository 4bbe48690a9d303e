#include "remote/remote_command.h"

#include <gtest/gtest.h>

#include "runtime/files.h"
#include "runtime/process.h"
#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

/// The same line that a remote shell would run.
std::string shell(const std::string& line) {
  asio::io_context context;
  const auto result = run_task(context, run_process({"sh", "-c", line}, ProcessOptions{}));
  EXPECT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 0) << line << "\n" << result->err;
  return result->out;
}

TEST(RemoteCommand, RefusesPathsThatAShellWouldRead) {
  for (const char* path : {"", "relative", "/a b", "/$(id)", "/a;b", "/a/../b", "/a'b", "/a\nb"}) {
    EXPECT_EQ(RemoteCommand::pack(path).error().code, Errc::invalid) << path;
    EXPECT_FALSE(RemoteCommand::unpack(path)) << path;
    EXPECT_FALSE(RemoteCommand::digest(path)) << path;
    EXPECT_FALSE(RemoteCommand::usage(path)) << path;
    EXPECT_FALSE(RemoteCommand::look(path)) << path;
    EXPECT_FALSE(RemoteCommand::claim(path)) << path;
    EXPECT_FALSE(RemoteCommand::empty(path)) << path;
  }
}

struct Trees : testing::Test {
  TempDir dir;
  std::string a = (dir.path() / "a").string();
  std::string b = (dir.path() / "b").string();
  void SetUp() override {
    std::filesystem::create_directories(a + "/sub");
    std::filesystem::create_directories(b);
  }
  std::string digest(const std::string& folder) {
    return shell(RemoteCommand::digest(folder)->line());
  }
  void copy() {
    shell(RemoteCommand::pack(a)->line() + " | (" + RemoteCommand::unpack(b)->line() + ")");
  }
};

TEST_F(Trees, ACopyHasTheSameDigest) {
  shell("cd " + a +
        " && echo hello > file && ln file hard && ln -s file soft && mkfifo pipe && "
        "chmod 4755 file && touch -d '2001-02-03 04:05:06.123456789' sub && "
        "truncate -s 1M holes && chown 1234:5678 sub");
  copy();
  EXPECT_EQ(digest(a), digest(b));
  EXPECT_EQ(shell("stat -c '%h %a' " + b + "/hard"), "2 4755\n");
  EXPECT_EQ(shell("stat -c '%u:%g %y' " + b + "/sub").substr(0, 40),
            "1234:5678 2001-02-03 04:05:06.123456789 ");
}

TEST_F(Trees, WhatWasThereBeforeIsGone) {
  ASSERT_TRUE(write_file_atomically(b + "/old", "x"));
  copy();
  EXPECT_FALSE(std::filesystem::exists(b + "/old"));
  EXPECT_EQ(digest(a), digest(b));
}

TEST_F(Trees, WhatStandsAtAPathIsSeen) {
  const auto look = [](const std::string& path) {
    return shell(RemoteCommand::look(path)->line());
  };
  EXPECT_EQ(look(a), "full\n");
  EXPECT_EQ(look(b), "empty\n");
  EXPECT_EQ(look(a + "/none"), "absent\n");
  shell("ln -s " + b + " " + a + "/soft && echo x >" + a + "/file && mkfifo " + a + "/pipe");
  for (const char* name : {"/soft", "/file", "/pipe"}) EXPECT_EQ(look(a + name), "other\n");
}

TEST_F(Trees, OnlyAnEmptyFolderIsClaimed) {
  const std::string deep = b + "/x/y";
  shell(RemoteCommand::claim(deep)->line());
  shell(RemoteCommand::claim(deep)->line());
  shell("echo x >" + deep + "/.hidden");
  EXPECT_EQ(shell("sh -c '" + RemoteCommand::claim(deep)->line() + "' || echo no"), "no\n");
  shell(RemoteCommand::empty(deep)->line());
  EXPECT_EQ(shell(RemoteCommand::look(deep)->line()), "empty\n");
}

TEST_F(Trees, AnyDifferenceShows) {
  ASSERT_TRUE(write_file_atomically(a + "/file", "one"));
  copy();
  const auto before = digest(b);
  EXPECT_EQ(before, digest(a));
  shell("touch -d '2001-01-01' " + b + "/file");
  EXPECT_NE(digest(b), before);
  copy();
  shell("chmod 600 " + b + "/file");
  EXPECT_NE(digest(b), before);
}

TEST_F(Trees, WhatCannotBeReadWholeEqualsNothing) {
  // A tar that fails in the same way on both sides must not make two equal digests.
  auto line = RemoteCommand::digest(a)->line();
  line.replace(line.find("--sort=name"), 11, "--no-such-option");
  EXPECT_NE(shell(line), shell(line));
}

TEST_F(Trees, ReadingDoesNotChangeTheDigest) {
  ASSERT_TRUE(write_file_atomically(a + "/file", "one"));
  const auto before = digest(a);
  shell("cat " + a + "/file");
  EXPECT_EQ(digest(a), before);
}

}  // namespace
}  // namespace plimsoll
