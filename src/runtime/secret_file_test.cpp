#include "runtime/secret_file.h"

#include <gtest/gtest.h>

#include <map>

#include "support/fake_tree.h"

namespace plimsoll {
namespace {

using test::FakeTree;
using Clock = SecretFile::Clock;
constexpr std::chrono::seconds a_second{1};

TEST(SameSecret, OnlyEqualTextsAre) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_TRUE(same_secret("", ""));
  for (const auto& [a, b] : std::map<std::string, std::string>{
           {"abc", "abd"}, {"abcd", "abc"}, {"ab", "abc"}, {"", "abc"}, {"abcabc", "abc"}}) {
    EXPECT_FALSE(same_secret(a, b)) << a << " " << b;
    EXPECT_FALSE(same_secret(b, a)) << b << " " << a;
  }
}

TEST(SecretFile, NoFileIsNoSecret) {
  auto none = SecretFile::open("").value();
  EXPECT_FALSE(none.is_set());
  EXPECT_EQ(none.current(), "");
  EXPECT_FALSE(none.matches(""));
}

TEST(SecretFile, AFixedOneNeverChanges) {
  auto secret = SecretFile::fixed("s3cret");
  EXPECT_EQ(secret.current(), "s3cret");
  EXPECT_TRUE(secret.matches("s3cret"));
  EXPECT_FALSE(SecretFile::fixed("").is_set());
}

TEST(SecretFile, AChangeIsSeenASecondLaterAtTheLatest) {
  const FakeTree files{{"token", "first\n"}};
  auto secret = SecretFile::open(files.root() / "token").value();
  const auto start = Clock::now();
  EXPECT_EQ(secret.current(start), "first");
  files.write("token", "second one\n");
  EXPECT_EQ(secret.current(start + a_second / 2), "first");
  EXPECT_EQ(secret.current(start + a_second), "second one");
  EXPECT_FALSE(secret.matches("first", start + a_second));
}

TEST(SecretFile, WhatCannotBeReadLeavesTheOldInForce) {
  const FakeTree files{{"token", "first\n"}};
  auto secret = SecretFile::open(files.root() / "token").value();
  auto now = Clock::now();
  files.write("token", "\n");
  EXPECT_EQ(secret.current(now += a_second), "first");
  files.remove("token");
  EXPECT_EQ(secret.current(now += a_second), "first");
  files.write("token", "third");
  EXPECT_EQ(secret.current(now += a_second), "third");
}

TEST(SecretFile, EveryLineIsTakenAndTheFirstPresented) {
  const FakeTree files{{"token", "new\n\n  old \r\n"}};
  auto secret = SecretFile::open(files.root() / "token").value();
  EXPECT_EQ(secret.current(), "new");
  EXPECT_TRUE(secret.matches("new"));
  EXPECT_TRUE(secret.matches("old"));
  EXPECT_FALSE(secret.matches("other"));
  EXPECT_FALSE(secret.matches(""));
}

TEST(SecretFile, SaysWhatIsWrongWithTheFileNotWhatIsInIt) {
  const FakeTree files{{"empty", " \n"}, {"long", "a\nb\nc\nd\ne\nf\ng\nh\nsecret\n"}};
  EXPECT_EQ(SecretFile::open(files.root() / "nowhere").error().code, Errc::not_found);
  EXPECT_EQ(SecretFile::open(files.root() / "empty").error().code, Errc::invalid);
  const auto refused = SecretFile::open(files.root() / "long");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("secret\n"), std::string::npos);
  EXPECT_NE(refused.error().message.find("more than 8 lines"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
