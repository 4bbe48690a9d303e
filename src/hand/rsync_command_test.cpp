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

SshWay way(const std::string& more = "") {
  return parse_way(json::parse(R"({"address":"10.77.0.12")" + more + "}"), context()).value();
}

TEST(SshWay, ItsFilesAreTheMovesOwn) {
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

TEST(SshWay, WordsThatSshWouldReadOtherwiseAreRefused) {
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

}  // namespace
}  // namespace plimsoll
