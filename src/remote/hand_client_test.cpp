#include "remote/hand_client.h"

#include <gmock/gmock.h>

#include "docker/json_access.h"
#include "remote/hand_line.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct HandTest : testing::Test {
  Result<json::value> hear(const std::string& script, Duration stall = Duration{20'000},
                           const std::string& input = "") {
    auto child = ChildProcess::spawn(context.get_executor(), {"sh", "-c", script}).value();
    HandCall call;
    call.act = "act";
    call.stall = stall;
    call.input = input;
    call.progress = [this](Bytes bytes) { progress.push_back(count(bytes)); };
    return run_task(context, hear_act(&child, call, "h2"));
  }
  asio::io_context context;
  std::vector<std::uint64_t> progress;
};

TEST_F(HandTest, GivesTheResultAndTellsProgressOnTheWay) {
  const auto result =
      hear(R"(echo '{"progress":5}'; echo '{"progress":90}'; echo '{"ok":true,"result":{"a":1}}')");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(integer_of(member(*result, "a")), 1);
  EXPECT_THAT(progress, ElementsAre(5, 90));
}

TEST_F(HandTest, TheInputIsGivenAndEnds) {
  const auto result = hear(R"(n=$(wc -c); echo "{\"ok\":true,\"result\":$n}")", Duration{20'000},
                           std::string(300'000, 'x'));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(integer_of(*result), 300'000);
}

TEST_F(HandTest, AFailureKeepsItsCode) {
  const auto result =
      hear(R"(echo '{"ok":false,"code":"refused","error":"superseded: epoch 4"}'; exit 1)");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), (Error{Errc::refused, "h2: superseded: epoch 4"}));
}

TEST_F(HandTest, WhatIsNoAnswerIsSaidToBeNone) {
  EXPECT_EQ(hear("echo hello").error().code, Errc::malformed);
  const auto silent = hear("echo oops >&2; exit 9");
  EXPECT_THAT(silent.error().message, HasSubstr("code 9 and told nothing: oops"));
  EXPECT_EQ(hear("echo 'Connection refused' >&2; exit 255").error().code, Errc::unreachable);
}

TEST_F(HandTest, SilenceIsGivenUp) {
  const auto result = hear(R"(echo '{"progress":1}'; exec sleep 1000)", Duration{100});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timeout);
  EXPECT_THAT(result.error().message, HasSubstr("h2"));
}

TEST(HandLine, EveryCodeComesBack) {
  for (int i = 0; i <= static_cast<int>(Errc::cancelled); ++i) {
    const auto code = static_cast<Errc>(i);
    EXPECT_EQ(errc_named(to_string(code)), code);
  }
  EXPECT_EQ(errc_named("of a newer version"), Errc::io);
}

TEST(InstallHand, FailuresSayWhatToDo) {
  const HandPlace place{"/var/lib/plimsoll/bin/plimsoll-0", false, true};
  const auto says = [&](int code, const char* words) {
    return explain_hand_failure("h2", place, code, words);
  };
  EXPECT_THAT(says(1, "cat: write error: No space left on device").message, HasSubstr("no room"));
  EXPECT_THAT(says(126, "sh: 1: /x: Permission denied").message, HasSubstr("noexec"));
  EXPECT_THAT(says(126, "cannot execute binary file: Exec format error").message,
              HasSubstr("architecture"));
  EXPECT_THAT(says(1, "version `GLIBC_2.38' not found").message, HasSubstr("libc"));
  EXPECT_EQ(says(1, "sudo: a password is required").code, Errc::unauthorized);
  EXPECT_THAT(says(9, "who knows").message, HasSubstr("h2: /var/lib/plimsoll/bin/plimsoll-0"));
}

}  // namespace
}  // namespace plimsoll
