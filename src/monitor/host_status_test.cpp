#include "monitor/host_status.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

const TimePoint noon = parse_rfc3339("2026-11-22T12:00:00Z").value();

PollOutcome answered() {
  PollOutcome outcome{HostReading{}, {}, 0, {}, {}};
  return outcome;
}
PollOutcome failed(const std::string& error_class) {
  PollOutcome outcome{Error{}, {}, 0, {}, {}};
  outcome.fail(error_class, Error{Errc::timeout, "10.0.0.2:5002: no answer"});
  return outcome;
}

TEST(HostStatus, TellsOfEachChangeOnce) {
  HostStatus status;
  EXPECT_EQ(status.note(failed("timeout"), noon), HostStatus::Change::down);
  EXPECT_EQ(status.note(failed("connect"), noon), HostStatus::Change::none);
  EXPECT_EQ(status.failures, 2);
  EXPECT_EQ(status.error_class, "connect");
  EXPECT_FALSE(status.last_seen);
  EXPECT_EQ(status.note(answered(), noon), HostStatus::Change::up);
  EXPECT_EQ(status.note(answered(), noon), HostStatus::Change::none);
  EXPECT_EQ(status.failures, 0);
  EXPECT_EQ(status.error, "");
  EXPECT_EQ(status.last_seen, noon);
  EXPECT_EQ(status.note(failed("timeout"), noon), HostStatus::Change::down);
  EXPECT_EQ(status.last_seen, noon);
}

TEST(HostStatus, WarnsOfAClockOnceUntilItIsRightAgain) {
  HostStatus status;
  EXPECT_EQ(status.note_clock(ClockSkew{0.52, 0.05}), HostStatus::ClockChange::none);
  EXPECT_EQ(status.note_clock(ClockSkew{-49, 0.05}), HostStatus::ClockChange::off);
  EXPECT_EQ(status.note_clock(ClockSkew{-49, 0.05}), HostStatus::ClockChange::none);
  EXPECT_EQ(status.note_clock(ClockSkew{-0.45, 0.05}), HostStatus::ClockChange::none);
  EXPECT_EQ(status.note_clock(std::nullopt), HostStatus::ClockChange::none);
  EXPECT_EQ(status.note_clock(ClockSkew{0.01, 0.05}), HostStatus::ClockChange::right);
}

TEST(HostStatus, ASilentHostHasNoClock) {
  HostStatus status;
  status.note_clock(ClockSkew{1, 0.1});
  status.note(failed("timeout"), noon);
  EXPECT_FALSE(status.skew);
}

}  // namespace
}  // namespace plimsoll
