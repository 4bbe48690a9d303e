#include "hand/tree_requests.h"

#include <gmock/gmock.h>

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

HandContext context() {
  HandContext context;
  context.order.move = MoveId{"abcdefabcdef"};
  return context;
}

TEST(TreeRequests, ASendHasItsDefaults) {
  const auto send =
      parse_tree_send(json::parse(R"({"way":{"address":"h2"},"pairs":[{"from":"/a/","to":"/b"}]})"),
                      context())
          .value();
  EXPECT_EQ(send.pairs.front().from, "/a");
  EXPECT_EQ(send.pairs.front().to, "/b");
  EXPECT_FALSE(send.final || send.compress || send.checksum);
  EXPECT_EQ(send.in_place, InPlace::by_itself);
  EXPECT_EQ(send.limit, Bytes{});
  EXPECT_EQ(send.stall, Duration{30'000});
}

TEST(TreeRequests, AStopNamesItsContainer) {
  const auto stop =
      parse_stop_and_send(
          json::parse(
              R"({"way":{"address":"h2"},"pairs":[{"from":"/a","to":"/b"}],"container":"abc",)"
              R"("grace_s":5,"pause":true,"digest":false,"inplace":false,"limit":1000})"),
          context())
          .value();
  EXPECT_EQ(stop.container, "abc");
  EXPECT_TRUE(stop.pause);
  EXPECT_FALSE(stop.digest);
  EXPECT_EQ(stop.grace, Duration{5000});
  EXPECT_EQ(stop.send.in_place, InPlace::never);
  EXPECT_EQ(stop.send.limit, Bytes{1000});
}

TEST(TreeRequests, WhatIsWrongIsNamed) {
  for (const auto& [text, named] : {
           std::pair{R"({})", "address"},
           std::pair{R"({"way":{"address":"h2"}})", "pairs"},
           std::pair{R"({"way":{"address":"h2"},"pairs":[]})", "pairs"},
           std::pair{R"({"way":{"address":"h2"},"pairs":[{"from":"/"}]})", "from"},
           std::pair{R"({"way":{"address":"h2"},"pairs":[{"from":"/a","to":"/b c"}]})", "to"},
           std::pair{R"({"way":{"address":"h2"},"pairs":[{"from":"/a","to":"/b"}],"limit":-1})",
                     "limit"},
           std::pair{R"({"way":{"address":"h2"},"pairs":[{"from":"/a","to":"/b"}],"stall_s":0})",
                     "stall_s"},
           std::pair{R"({"way":{"address":"h2"},"pairs":[{"from":"/a","to":"/b"}]})", "container"},
       }) {
    const auto parsed = parse_stop_and_send(json::parse(text), context());
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
    EXPECT_THAT(parsed.error().message, HasSubstr(named));
  }
}

TEST(TreeRequests, ADigestIsOfFolders) {
  const auto request =
      parse_digest_request(json::parse(R"({"folders":["/a","/b"],"live":true,"list":"x%0Ay"})"))
          .value();
  EXPECT_THAT(request.folders, ElementsAre("/a", "/b"));
  EXPECT_TRUE(request.cached && request.live);
  EXPECT_EQ(request.list, "x\ny");
  EXPECT_FALSE(parse_digest_request(json::parse(R"({"folders":[]})")));
  EXPECT_FALSE(parse_digest_request(json::parse(R"({"folders":["a"]})")));
  EXPECT_FALSE(parse_digest_request(json::parse(R"({"folders":["/a"],"list":"%4"})")));
}

TEST(TreeRequests, NamesOfAnyBytesComeThrough) {
  std::string all;
  for (int i = 1; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(unescaped_name(escaped_name(all)).value(), all);
  EXPECT_EQ(escaped_name("a b%"), "a%20b%25");
  EXPECT_FALSE(unescaped_name("%"));
  EXPECT_FALSE(unescaped_name("%a0"));
}

TEST(TreeRequests, ResultsAreJson) {
  TreeDigest digest;
  digest.entries = 3;
  digest.listed.push_back({"odd\n", {}});
  const auto digests = json::parse(to_json(std::vector<std::string>{"/a"}, std::vector{digest}));
  const auto& first = member(digests, "digests").as_array().front();
  EXPECT_EQ(text_of(member(first, "folder")), "/a");
  EXPECT_EQ(text_of(member(first, "sha256")).size(), 64U);
  EXPECT_EQ(text_of(member(member(first, "list").as_array().front(), "name")), "odd%0A");
  StoppedAndSent done;
  done.sent.pairs.push_back({{"/a", "/b"}, {}, 0.5, true});
  done.sent.pairs.back().figures.sent = Bytes{70};
  done.digests.push_back(digest);
  const auto stopped = json::parse(to_json(done, {{"/a", "/b"}}));
  EXPECT_EQ(integer_of(member(member(stopped, "sent"), "bytes_sent")), 70);
  EXPECT_TRUE(is_true(member(member(stopped, "sent"), "incomplete")));
  EXPECT_EQ(member(stopped, "digests").as_array().size(), 1U);
}

}  // namespace
}  // namespace plimsoll
