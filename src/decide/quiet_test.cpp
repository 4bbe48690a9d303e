#include "decide/quiet.h"

#include <gmock/gmock.h>

#include "decide/decide.h"
#include "decide/render.h"
#include "support/fleet_builder.h"

// Each of these turned red when the line that makes it so was left out: the policy's hours in
// decide(), the owner's in obstacles_now(), the offset, the window past midnight.

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

constexpr TimePoint at(int day, int hour, int minute = 0) {
  // 2026-03-02 is a Monday.
  return std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::days{day} +
         hours{hour} + minutes{minute};
}
constexpr int mon = 0, tue = 1, fri = 4, sat = 5, sun = 6;

bool is_quiet(const char* text, TimePoint now, minutes offset = minutes{0}) {
  const auto parsed = QuietHours::parse(text);
  return parsed.value().find(week_minute(now, offset)).has_value();
}

TEST(Quiet, HoursOfWorkingDays) {
  const char* work = "Mon-Fri 08:00-18:00";
  EXPECT_FALSE(is_quiet(work, at(mon, 7, 59)));
  EXPECT_TRUE(is_quiet(work, at(mon, 8)));
  EXPECT_TRUE(is_quiet(work, at(fri, 17, 59)));
  EXPECT_FALSE(is_quiet(work, at(fri, 18)));
  EXPECT_FALSE(is_quiet(work, at(sat, 12)));
}

TEST(Quiet, AWindowPastMidnightBelongsToTheDayItBegins) {
  const char* night = "Fri 22:00-06:00";
  EXPECT_TRUE(is_quiet(night, at(fri, 23)));
  EXPECT_TRUE(is_quiet(night, at(sat, 5, 59)));
  EXPECT_FALSE(is_quiet(night, at(sat, 6)));
  EXPECT_FALSE(is_quiet(night, at(fri, 5)));
}

TEST(Quiet, ItGoesRoundTheEndOfTheWeek) {
  EXPECT_TRUE(is_quiet("Sun 22:00-06:00", at(mon, 3)));
  EXPECT_TRUE(is_quiet("Sat-Mon 10:00-11:00", at(sun, 10)));
  EXPECT_FALSE(is_quiet("Sat-Mon 10:00-11:00", at(tue, 10)));
}

TEST(Quiet, ListsWholeDaysAndSeveralWindows) {
  EXPECT_TRUE(is_quiet("sat, SUN 00:00-24:00", at(sun, 23, 59)));
  EXPECT_FALSE(is_quiet("Sat,Sun 00:00-24:00", at(mon, 0)));
  EXPECT_TRUE(is_quiet("daily 12:00-13:00; Mon 3:00-4:00", at(mon, 3, 30)));
  EXPECT_TRUE(is_quiet("daily 12:00-13:00; Mon 3:00-4:00", at(sun, 12)));
}

TEST(Quiet, TheClockOnTheWallDecides) {
  EXPECT_FALSE(is_quiet("Mon 08:00-09:00", at(mon, 7)));
  EXPECT_TRUE(is_quiet("Mon 08:00-09:00", at(mon, 7), minutes{60}));
  EXPECT_TRUE(is_quiet("Sun 20:00-21:00", at(mon, 1, 30), minutes{-300}));
}

/// Clocks go from 02:00 to 03:00: a window of that hour does not happen, others are where they
/// were.
TEST(Quiet, AChangeOfTheClockNeedsNoCare) {
  const minutes winter{60};
  const minutes summer{120};
  EXPECT_TRUE(is_quiet("Sun 01:30-02:30", at(sun, 0, 59), winter));
  EXPECT_FALSE(is_quiet("Sun 01:30-02:30", at(sun, 1, 0), summer));
  EXPECT_TRUE(is_quiet("Sun 08:00-18:00", at(sun, 6), summer));
}

TEST(Quiet, ItSaysHowLong) {
  const auto hit = QuietHours::parse("Mon-Fri 08:00-18:00")->find(week_minute(at(mon, 14, 40), {}));
  ASSERT_TRUE(hit);
  EXPECT_EQ(describe(*hit), "Mon-Fri 08:00-18:00, 3 h 20 min more");
}

TEST(Quiet, WhatCannotBeReadIsNamed) {
  const auto error = [](const char* text) {
    const auto parsed = QuietHours::parse(text);
    return parsed ? std::string{"read"} : parsed.error().message;
  };
  EXPECT_THAT(error("Mon-Fry 08:00-18:00"), HasSubstr("'Mon-Fry' is no day"));
  EXPECT_THAT(error("08:00-18:00"), HasSubstr("days and hours are wanted"));
  EXPECT_THAT(error("Mon 8-18"), HasSubstr("'8-18' is no span"));
  EXPECT_THAT(error("Mon 08:00-25:00"), HasSubstr("no span"));
  EXPECT_THAT(error("Mon 08:60-09:00"), HasSubstr("no span"));
  EXPECT_THAT(error("Mon 24:00-01:00"), HasSubstr("no span"));
  EXPECT_THAT(error("Mon 08:00-08:00"), HasSubstr("a whole day is 00:00-24:00"));
  EXPECT_THAT(error(""), HasSubstr("days and hours are wanted"));
  EXPECT_THAT(error("Mon 08:00-09:00;"), HasSubstr("days and hours are wanted"));
  EXPECT_THAT(error(std::string(200, ';').c_str()), HasSubstr("more than 32"));
  EXPECT_EQ(error("Mon\x1b 08:00-09:00").find('\x1b'), std::string::npos);
}

// --- in a decision; builder_now is Saturday noon, UTC ---

FleetBuilder usual(const ContainerState& container) {
  return FleetBuilder()
      .host(HostBuilder("h1").load(96).runs(container))
      .host(HostBuilder("h2").load(10));
}

TEST(Quiet, NothingStartsInThePolicysHours) {
  Policy policy;
  policy.quiet = QuietHours::parse("Sat 08:00-18:00").value();
  FleetSnapshot fleet = usual(ContainerBuilder("web").cpu(2.4));
  const Plan plan = decide(fleet, policy, builder_now);
  EXPECT_TRUE(plan.moves.empty());
  EXPECT_THAT(render_text(plan), HasSubstr("fleet [quiet]: quiet hours Sat 08:00-18:00, 6 h"));
  fleet.utc_offset = hours{7};
  EXPECT_EQ(decide(fleet, policy, builder_now).moves.size(), 1U);
}

TEST(Quiet, AnOwnersHoursHoldForTheContainer) {
  const auto plan_of = [](const char* when) {
    return decide(usual(ContainerBuilder("web").cpu(2.4).label("plimsoll.quiet", when)), {},
                  builder_now);
  };
  EXPECT_TRUE(plan_of("Sat 08:00-18:00").moves.empty());
  EXPECT_THAT(render_text(plan_of("Sat 08:00-18:00")),
              HasSubstr("web on h1 [quiet]: its owner says plimsoll.quiet: Sat 08:00-18:00"));
  EXPECT_EQ(plan_of("Mon 08:00-18:00").moves.size(), 1U);
  EXPECT_THAT(render_text(plan_of("weekends")), HasSubstr("its label plimsoll.quiet"));
}

TEST(Quiet, APersonMayOverruleAnOwner) {
  const FleetSnapshot fleet =
      usual(ContainerBuilder("web").cpu(1).label("plimsoll.quiet", "daily 00:00-24:00"));
  ManualMove wanted{ContainerName{"web"}, HostId{"h1"}, std::nullopt, false};
  EXPECT_TRUE(explain_manual(fleet, {}, builder_now, wanted).moves.empty());
  wanted.force = true;
  EXPECT_EQ(explain_manual(fleet, {}, builder_now, wanted).moves.size(), 1U);
}

}  // namespace
}  // namespace plimsoll
