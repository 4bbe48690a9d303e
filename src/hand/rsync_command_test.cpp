#include "hand/rsync_command.h"

#include <gmock/gmock.h>

#include "docker/json_access.h"

namespace plimsoll {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

HandContext context() {
  HandContext context;
  context.order.move = MoveId{"abcdefabcdef"};
  return context;
}

Way way(const std::string& more = "") {
  return parse_way(json::parse(R"({"address":"10.77.0.12")" + more + "}"), context()).value();
}

TEST(Way, ItsFilesAreTheMovesOwn) {
  const auto plain = way();
  EXPECT_EQ(plain.key, "/run/plimsoll/abcdefabcdef/key");
  EXPECT_EQ(plain.known_hosts, "/run/plimsoll/abcdefabcdef/known_hosts");
  EXPECT_EQ(plain.control, "/run/plimsoll/abcdefabcdef/ssh");
  EXPECT_THAT(ssh_words(plain), Contains("StrictHostKeyChecking=yes"));
  EXPECT_THAT(ssh_words(plain), Not(Contains(HasSubstr("HostKeyAlias"))));
  const auto tunnel = way(R"(,"port":40022,"alias":"h2","user":"deploy","key":"/k")");
  EXPECT_THAT(ssh_words(tunnel), Contains("HostKeyAlias=h2"));
  EXPECT_THAT(ssh_words(tunnel), Contains("40022"));
  EXPECT_THAT(ssh_words(tunnel), Contains("deploy"));
  EXPECT_THAT(ssh_words(tunnel), Contains("IdentityFile=/k"));
}

TEST(Way, WordsThatSshWouldReadOtherwiseAreRefused) {
  for (const auto* wrong :
       {R"({"address":"-oProxyCommand=x"})", R"({"address":"a b"})", R"({"address":""})",
        R"({"address":"h","user":"a;b"})", R"({"address":"h","port":0})",
        R"({"address":"h","port":65536})", R"({"address":"h","key":"/a b"})",
        R"({"address":"h","control":"relative"})", R"({"address":"h","alias":"-x"})"}) {
    const auto parsed = parse_way(json::parse(wrong), context());
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
}

TEST(RsyncWords, EachWishIsAFlag) {
  const TreePair pair{"/var/lib/a", "/var/lib/b"};
  const auto plain = rsync_words(way(), pair, {}).value();
  EXPECT_THAT(plain, Contains("--delete"));
  EXPECT_THAT(plain, Contains("--partial"));
  EXPECT_THAT(plain, Contains("--modify-window=-1"));
  EXPECT_THAT(plain, Contains("/var/lib/a/"));
  EXPECT_EQ(plain.back(), "10.77.0.12:/var/lib/b/");
  EXPECT_THAT(plain, Not(Contains("--compress")));
  EXPECT_THAT(plain, Not(Contains("--inplace")));
  RsyncRun run;
  run.compress = run.in_place = run.checksum = true;
  run.limit = Bytes{10 * mib};
  run.stall = Duration{20'000};
  const auto full = rsync_words(way(), pair, run).value();
  for (const auto* flag :
       {"--compress", "--inplace", "--checksum", "--bwlimit=10240", "--timeout=20"}) {
    EXPECT_THAT(full, Contains(flag));
  }
  EXPECT_THAT(full, Not(Contains("--partial")));
}

TEST(RsyncWords, OfAListNothingElseIsDeleted) {
  RsyncRun run;
  run.only_listed = true;
  const auto words = rsync_words(way(), {"/a", "/b"}, run).value();
  EXPECT_THAT(words, Contains("--ignore-times"));
  EXPECT_THAT(words, Contains("--files-from=-"));
  EXPECT_THAT(words, Contains("--inplace")) << "else the folder's time changes there";
  EXPECT_THAT(words, Not(Contains("--delete")));
}

TEST(RsyncWords, AddressesOfTheSixthVersionAreBracketed) {
  auto six = way();
  six.address = "fd00::2";
  EXPECT_EQ(rsync_words(six, {"/a", "/b"}, {}).value().back(), "[fd00::2]:/b/");
}

TEST(RsyncWords, PathsThatAShellWouldReadAreRefused) {
  for (const TreePair& pair : {TreePair{"/a b", "/b"}, TreePair{"/a", "/b;c"}, TreePair{"a", "/b"},
                               TreePair{"/", "/b"}, TreePair{"/a", "/../b"}}) {
    EXPECT_FALSE(rsync_words(way(), pair, {})) << pair.from << " " << pair.to;
  }
}

struct Ended {
  int code;
  const char* words;
  Errc error;
};

TEST(JudgeRsync, CodesAndWordsTellWhatToDo) {
  for (const auto& [code, words, error] : {
           Ended{11, "rsync: write failed: No space left on device (28)", Errc::io},
           Ended{127, "bash: line 1: rsync: command not found", Errc::not_found},
           Ended{12, "sh: 1: rsync: not found\nrsync error: code 12", Errc::not_found},
           Ended{255, "Host key verification failed.", Errc::refused},
           Ended{255, "root@h2: Permission denied (publickey).", Errc::unauthorized},
           Ended{255, "ssh: connect to host h2 port 22: Connection refused", Errc::unreachable},
           Ended{30, "rsync error: timeout in data send/receive", Errc::timeout},
           Ended{12, "rsync: connection unexpectedly closed", Errc::unreachable},
           Ended{137, "", Errc::io},
       }) {
    const auto judged = judge_rsync(code, words, false);
    ASSERT_FALSE(judged) << words;
    EXPECT_EQ(judged.error().code, error) << words;
  }
}

TEST(JudgeRsync, WhatVanishedCountsOnlyInTheEnd) {
  EXPECT_FALSE(judge_rsync(0, "", true).value());
  EXPECT_TRUE(judge_rsync(24, "file has vanished", false).value());
  EXPECT_TRUE(judge_rsync(23, "some files could not be transferred", false).value());
  EXPECT_FALSE(judge_rsync(24, "file has vanished", true));
  EXPECT_FALSE(judge_rsync(23, "rsync: [receiver] No space left on device (28)", false));
}

}  // namespace
}  // namespace plimsoll
