// Trees sent by the real rsync, over an ssh that stays on this machine; held against the digest.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

#include "hand/fence.h"
#include "hand/tree_digest.h"
#include "hand/tree_send.h"
#include "support/local_ssh.h"
#include "support/odd_tree.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using namespace test;
using ::testing::HasSubstr;

struct TreeCopy : testing::Test {
  TempDir from;
  TempDir to;
  TempDir host;
  LocalSsh ssh;
  asio::io_context io;
  HandContext context;

  TreeCopy() {
    context.order = {MoveId{"abcdefabcdef"}, 1, "aaaaaaaaaaaaaaaa", false};
    context.state = host.path() / "state";
    context.run = host.path() / "run";
    EXPECT_TRUE(Fence{context.state}.admit(context.order));
  }
  TreeSend request(bool final) {
    TreeSend send;
    send.way.address = "there";
    send.pairs = {{from.path().string(), to.path().string()}};
    send.final = final;
    return send;
  }
  Result<TreeSent> send(TreeSend request) {
    return run_task(io, send_trees(&context, std::move(request)));
  }
  Result<TreeSent> send(bool final) { return send(request(final)); }
  long rounds() {
    const auto commands = ssh.commands();
    return std::ranges::count(commands, '\n');
  }
  /// The rounds over a whole tree, whose far side deletes, that wrote in place. Single files that
  /// may have changed behind rsync's back, which time decides, always do.
  long rounds_in_place() {
    std::istringstream commands{ssh.commands()};
    long found = 0;
    for (std::string line; std::getline(commands, line);) {
      found +=
          line.find("--delete") != std::string::npos && line.find("--inplace") != std::string::npos
              ? 1
              : 0;
    }
    return found;
  }
  bool equal() {
    return digest_tree(from.path(), {}).value().sum == digest_tree(to.path(), {}).value().sum;
  }
};

TEST_F(TreeCopy, EverythingArrives) {
  make_odd_tree(from.path());
  set_attribute(from.path() / "deep", "trusted.overlay.origin", "handle");
  write_text(to.path() / "stale", "must go");
  fs::create_directories(to.path() / "plain/was/a folder");
  const auto sent = send(false);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_TRUE(equal());
  EXPECT_EQ(sent->pairs.front().figures.files, 6U);
  EXPECT_FALSE(sent->pairs.front().incomplete);
  EXPECT_EQ(::lgetxattr((to.path() / "deep").c_str(), "trusted.overlay.origin", nullptr, 0), -1);
}

TEST_F(TreeCopy, LaterRoundsBringOnlyWhatChanged) {
  make_odd_tree(from.path());
  for (int i = 0; i < 1000; ++i) write_text(from.path() / fmt::format("f{}", i), "gone soon");
  ASSERT_TRUE(send(false));
  for (int i = 0; i < 1000; ++i) fs::remove(from.path() / fmt::format("f{}", i));
  fs::remove_all(from.path() / "etc");
  write_text(from.path() / "plain", "grown by a little\n");
  must(::mknod((from.path() / "etc").c_str(), S_IFCHR, makedev(0, 0)) == 0, "mknod");
  const auto sent = send(true);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_TRUE(equal());
  EXPECT_EQ(sent->pairs.front().figures.deleted, 1003U);
  // And what was written so shortly before that its times may not tell.
  EXPECT_LE(sent->pairs.front().figures.files, 10U);
}

TEST_F(TreeCopy, TimesWithinASecondAreDifferent) {
  write_text(from.path() / "file", "one");
  set_time(from.path() / "file", 1'000'000'000, 1);
  ASSERT_TRUE(send(false));
  write_text(from.path() / "file", "two");
  set_time(from.path() / "file", 1'000'000'000, 2);
  ASSERT_TRUE(send(true));
  EXPECT_TRUE(equal());
}

// As a store through a mapping does it: the first after a sync changes the file's times, the next
// ones to the same page do not.
TEST_F(TreeCopy, AStoreThroughAMappingIsNotPassedOver) {
  const auto file = from.path() / "mapped";
  write_text(file, "aaaa");
  ssh.before_each("printf bbbb >" + file.string());
  ASSERT_TRUE(send(false));
  ssh.before_each(":");
  EXPECT_TRUE(equal()) << "the store came before rsync looked";
  swap_contents(file, "cccc");
  ASSERT_TRUE(send(true));
  EXPECT_TRUE(equal());
  EXPECT_EQ(rounds(), 3) << "the file alone, once more";
}

TEST_F(TreeCopy, WhatChangesItsTimesIsNotReadTwice) {
  write_text(from.path() / "log", "line\n");
  ssh.before_each("echo line >>" + (from.path() / "log").string());
  ASSERT_TRUE(send(false));
  ASSERT_TRUE(send(true));
  EXPECT_TRUE(equal());
  EXPECT_EQ(rounds(), 2);
}

TEST_F(TreeCopy, LargeFilesAreWrittenInPlaceLater) {
  write_text(from.path() / "large", std::string(20'000'000, 'x'));
  ASSERT_TRUE(send(false));
  EXPECT_EQ(rounds_in_place(), 0);
  struct stat before {};
  ::stat((to.path() / "large").c_str(), &before);
  std::ofstream{from.path() / "large", std::ios::app} << "y";
  const auto sent = send(true);
  ASSERT_TRUE(sent);
  EXPECT_EQ(rounds_in_place(), 1);
  struct stat after {};
  ::stat((to.path() / "large").c_str(), &after);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_LT(sent->pairs.front().figures.literal, Bytes{100'000});
  EXPECT_TRUE(equal());
}

TEST_F(TreeCopy, NeverInPlaceWhereNamesWereTogether) {
  write_text(from.path() / "a", std::string(20'000'000, 'x'));
  fs::create_hard_link(from.path() / "a", from.path() / "b");
  ASSERT_TRUE(send(false));
  fs::remove(from.path() / "b");
  write_text(from.path() / "b", std::string(20'000'000, 'y'));
  ASSERT_TRUE(send(false));
  std::ofstream{from.path() / "b", std::ios::app} << "z";
  ASSERT_TRUE(send(true));
  EXPECT_EQ(rounds_in_place(), 0);
  EXPECT_TRUE(equal());
}

TEST_F(TreeCopy, ManyPairsGoTogether) {
  auto send_all = request(false);
  send_all.pairs.clear();
  std::uint64_t told = 0;
  context.progress = [&](Bytes bytes) { told = count(bytes); };
  for (int i = 0; i < 9; ++i) {
    const auto name = fmt::format("v{}", i);
    fs::create_directory(from.path() / name);
    fs::create_directory(to.path() / name);
    write_text(from.path() / name / "file", std::string(1000, 'x'));
    send_all.pairs.push_back({from.path() / name, to.path() / name});
  }
  const auto sent = send(send_all);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->pairs.size(), 9U);
  EXPECT_EQ(told, 9000U);
  EXPECT_EQ(digest_tree(from.path() / "v8", {}).value().sum,
            digest_tree(to.path() / "v8", {}).value().sum);
}

TEST_F(TreeCopy, ASupersededOrderSendsNothing) {
  write_text(from.path() / "file", "x");
  auto newer = context.order;
  newer.epoch = 2;
  ASSERT_TRUE(Fence{context.state}.admit(newer));
  EXPECT_EQ(send(false).error().code, Errc::refused);
  EXPECT_EQ(ssh.commands(), "");
}

TEST_F(TreeCopy, FailuresSayWhichFolder) {
  auto wrong = request(true);
  wrong.pairs.front().from += "/none";
  const auto missing = send(wrong);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("none"));
}

TEST_F(TreeCopy, WithoutRsyncItSaysSo) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  const auto sent = send(true);
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::not_found);
}

}  // namespace
}  // namespace plimsoll
