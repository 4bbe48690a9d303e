#include "orchestrate/move_details.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(MoveDetails, EverythingComesBack) {
  MoveRecord record;
  record.undoes = MoveId{"abcdefabcdef"};
  record.downtime_max = Duration{1'500};
  record.rounds = {{Bytes{1'000}, Duration{500}, {}}, {Bytes{10}, Duration{250}, {}}};
  record.members = {
      {ContainerName{"db"}, "pg:1", "s1", "c1", "always", 0, "old", "db--retired-x", {}},
      {ContainerName{"web"},
       "app:1",
       "s2",
       "",
       "on-failure",
       3,
       "",
       "",
       {{80, Protocol::tcp, ""}, {53, Protocol::udp, "10.0.0.1"}}}};
  record.predicted.image_written = Bytes{77};
  record.actual.image_bytes = Bytes{55};
  record.actual.image_s = 0.25;
  record.actual.held_bytes = Bytes{33};
  record.progress.recoveries = 2;
  record.progress.left_over = true;
  MoveRecord again;
  ASSERT_TRUE(decode_details(encode_details(record), &again));
  EXPECT_EQ(again.undoes, record.undoes);
  EXPECT_EQ(again.downtime_max, record.downtime_max);
  ASSERT_EQ(again.rounds.size(), 2U);
  EXPECT_EQ(again.rounds[0].sent, Bytes{1'000});
  EXPECT_EQ(again.rounds[1].duration, Duration{250});
  EXPECT_EQ(again.predicted.image_written, Bytes{77});
  EXPECT_EQ(again.actual.image_bytes, Bytes{55});
  EXPECT_EQ(again.actual.image_s, 0.25);
  EXPECT_EQ(again.actual.held_bytes, Bytes{33});
  EXPECT_EQ(again.progress.recoveries, 2);
  EXPECT_TRUE(again.progress.left_over);
  ASSERT_EQ(again.members.size(), 2U);
  EXPECT_EQ(again.members[0].adopted_name, "db--retired-x");
  EXPECT_EQ(again.members[0].adopted_id, "old");
  EXPECT_EQ(again.members[1].restart_retries, 3);
  EXPECT_EQ(again.members[1].ports, record.members[1].ports);
}

TEST(MoveDetails, HalfARecordIsRefused) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"members":[],"rounds":[]})", R"({"members":[{}]})"}) {
    MoveRecord record;
    EXPECT_FALSE(decode_details(text, &record)) << text;
  }
}

}  // namespace
}  // namespace plimsoll
