#include "decide/policy.h"

#include <gmock/gmock.h>

#include <functional>

namespace plimsoll {
namespace {

using std::chrono::seconds;

TEST(Policy, DefaultsAreThoseOfTheDesign) {
  const Policy policy;
  EXPECT_EQ(policy.window, seconds{60});
  EXPECT_EQ(policy.evaluate_every, seconds{5});
  EXPECT_EQ(policy.scalar, Scalar::max);
  EXPECT_EQ(policy.line.cpu, 80);
  EXPECT_EQ(policy.line.memory, 85);
  EXPECT_EQ(policy.line.storage, 90);
  EXPECT_EQ(policy.threshold, 150);
  EXPECT_EQ(policy.hold.k, 3);
  EXPECT_EQ(policy.hold.n, 5);
  EXPECT_EQ(policy.moves_per_host, 2);
  EXPECT_EQ(policy.moves_in_fleet, 5);
  EXPECT_TRUE(check(policy).empty());
}

TEST(Policy, SaysHowFarBackItLooks) {
  const Policy policy;
  EXPECT_EQ(history_needed(policy), seconds{60 + 5 * 5 + 5});
  EXPECT_EQ(stale_limit(policy), seconds{15});
  EXPECT_EQ(memory_needed(policy), std::chrono::hours{6});
}

TEST(Policy, FindsAllProblemsAtOnce) {
  Policy policy;
  policy.line.cpu = 0;
  policy.hold = {4, 3};
  policy.allowed_bind_mounts = {"/srv", "data"};
  EXPECT_EQ(check(policy).size(), 3U);
}

struct BadSetting {
  const char* name;
  const char* key;
  std::function<void(Policy&)> spoil;
};

class PolicyCheck : public testing::TestWithParam<BadSetting> {};

TEST_P(PolicyCheck, NamesTheKey) {
  Policy policy;
  GetParam().spoil(policy);
  const auto problems = check(policy);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].key, GetParam().key);
  EXPECT_FALSE(problems[0].message.empty());
}

const double not_a_number = std::numeric_limits<double>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    BadSettings, PolicyCheck,
    testing::Values(
        BadSetting{"window", "window", [](Policy& p) { p.window = seconds{1}; }},
        BadSetting{"evaluate", "evaluate_every", [](Policy& p) { p.evaluate_every = seconds{0}; }},
        BadSetting{"stale", "stale_after", [](Policy& p) { p.stale_after = 0; }},
        BadSetting{"line_nan", "line.cpu", [](Policy& p) { p.line.cpu = not_a_number; }},
        BadSetting{"line_past_100", "line.memory", [](Policy& p) { p.line.memory = 101; }},
        BadSetting{"line_zero", "line.storage", [](Policy& p) { p.line.storage = 0; }},
        BadSetting{"threshold", "threshold", [](Policy& p) { p.threshold = 301; }},
        BadSetting{"norm", "norm_threshold", [](Policy& p) { p.norm_threshold = 0; }},
        BadSetting{"target", "target", [](Policy& p) { p.target = 1; }},
        BadSetting{"coverage", "coverage", [](Policy& p) { p.coverage = 1.1; }},
        BadSetting{"percentile", "percentile", [](Policy& p) { p.percentile = 101; }},
        BadSetting{"hold_none", "hold",
                   [](Policy& p) {
                     p.hold = {0, 5};
                   }},
        BadSetting{"hold_endless", "hold",
                   [](Policy& p) {
                     p.hold = {3, 5000};
                   }},
        BadSetting{"per_host", "moves_per_host", [](Policy& p) { p.moves_per_host = 0; }},
        BadSetting{"in_fleet", "moves_in_fleet", [](Policy& p) { p.moves_in_fleet = 0; }},
        BadSetting{"silent", "silent_stop", [](Policy& p) { p.silent_stop = -1; }},
        BadSetting{"gain", "min_gain", [](Policy& p) { p.min_gain = 2; }},
        BadSetting{"explain", "explain_share", [](Policy& p) { p.explain_share = -0.1; }},
        BadSetting{"searches", "searches_max", [](Policy& p) { p.searches_max = 0; }},
        BadSetting{"cooldown", "cooldown_max", [](Policy& p) { p.cooldown_max = seconds{1}; }},
        BadSetting{"host_cooldown", "host_cooldown",
                   [](Policy& p) { p.host_cooldown = seconds{-1}; }},
        BadSetting{"return", "return_after", [](Policy& p) { p.return_after = seconds{-1}; }},
        BadSetting{"horizon", "horizon", [](Policy& p) { p.horizon = seconds{0}; }},
        BadSetting{"disk", "disk_factor", [](Policy& p) { p.disk_factor = 0.5; }},
        BadSetting{"goodput", "assumed_bytes_per_s", [](Policy& p) { p.assumed_bytes_per_s = 0; }},
        BadSetting{"rtt", "assumed_rtt_s", [](Policy& p) { p.assumed_rtt_s = -1; }},
        BadSetting{"trips", "round_trips", [](Policy& p) { p.round_trips = -1; }},
        BadSetting{"free_moves", "start_seconds",
                   [](Policy& p) { p.stop_seconds = p.start_seconds = 0; }},
        BadSetting{"tie", "tie_seconds", [](Policy& p) { p.tie_seconds = -1; }},
        BadSetting{"bind", "allowed_bind_mounts",
                   [](Policy& p) { p.allowed_bind_mounts = {"srv"}; }}),
    [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace plimsoll
