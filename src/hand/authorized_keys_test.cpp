#include "hand/authorized_keys.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

const MoveId move_id{"abcdefabcdef"};
const std::string key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEmbyRrm0PwTKnKeYK3rIbQf6ktdIo9PdVvKn2cc0pH4";

KeyGrant grant() {
  return {
      move_id,
      key + " somebody@somewhere",
      {"10.77.0.11", "fe80::1"},
      "/var/lib/plimsoll/bin/plimsoll-0011223344556677 hand receive --move abcdefabcdef --epoch 3",
      TimePoint{std::chrono::seconds{1'796'047'505}}};
}

TEST(AuthorizedKeys, TheLineBindsTheKeyToOneCommandForAWhile) {
  const auto line = authorized_line(grant());
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(
      *line,
      "restrict,from=\"10.77.0.11,fe80::1\",expiry-time=\"20261130140505Z\",command=\"/var/lib/"
      "plimsoll/bin/plimsoll-0011223344556677 hand receive --move abcdefabcdef --epoch 3\" " +
          key + " plimsoll-abcdefabcdef");
  EXPECT_TRUE(is_line_of(*line, move_id));
  EXPECT_FALSE(is_line_of(*line, MoveId{"bbbbbbbbbbbb"}));
}

TEST(AuthorizedKeys, NothingGetsInThatWouldNeedQuotes) {
  auto bad = grant();
  bad.command = "sh\" ssh-rsa";
  EXPECT_FALSE(authorized_line(bad));
  bad = grant();
  bad.from = {"10.0.0.1\",command=\"sh"};
  EXPECT_FALSE(authorized_line(bad));
  bad = grant();
  bad.from = {};
  EXPECT_FALSE(authorized_line(bad));
  bad = grant();
  bad.from = {"10.*"};
  EXPECT_FALSE(authorized_line(bad)) << "all, for a tunnel, or addresses one by one";
  bad = grant();
  bad.public_key = "ssh-rsa AAAA";
  EXPECT_FALSE(authorized_line(bad));
  bad = grant();
  bad.public_key = key + "\nssh-ed25519 AAAA";
  EXPECT_FALSE(authorized_line(bad));
}

TEST(AuthorizedKeys, OnlyOurOwnLinesChange) {
  const auto line = *authorized_line(grant());
  auto other = grant();
  other.move = MoveId{"bbbbbbbbbbbb"};
  other.command = "/x hand receive --move bbbbbbbbbbbb --epoch 3";
  const auto others = *authorized_line(other);
  const std::string theirs =
      "# a comment\r\n\nssh-rsa AAAA somebody plimsoll-abcdefabcdef\n" + others;
  const auto granted = with_line_of(theirs, move_id, line);
  EXPECT_EQ(granted, theirs + "\n" + line + "\n");
  EXPECT_EQ(with_line_of(granted, move_id, line), granted) << "a second grant takes its place";
  EXPECT_EQ(with_line_of(granted, move_id, ""), theirs + "\n");
  EXPECT_EQ(with_line_of(theirs, move_id, ""), theirs);
  EXPECT_EQ(with_line_of("", move_id, line), line + "\n");
}

}  // namespace
}  // namespace plimsoll
