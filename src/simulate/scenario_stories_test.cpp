// Every file of scenarios/ is a story with its expected end; each is a test of its own here.
//
// Sensitivity: a rule of the engine was taken out, once each, and these stories went red.
//   drained: drained_receives_nothing; architecture: wrong_architecture; pin: pinned_to_a_zone
//   name: name_taken; apart: kept_apart, kept_apart_everywhere; port: ports_taken
//   reservations: reservation_larger_than_free; limit: limit_larger_than_host; disk:
//   too_little_disk max-downtime: max_downtime; unread engine: unreadable_destination; ask:
//   label_ask move=never: label_never; privileged: privileged_hog, drain; silent fleet:
//   silent_fleet room below the target: container_too_big, memory_pressure_of_many; quiet hours:
//   quiet_hours least gain: gain_too_small; cost against gain: slow_link_to_all; percentile:
//   percentile_smoothing; least transmission time: layers_already_there, base_layer_already_there
//   cool-down: cooldown, failed_move_backs_off, failing_host_avoided, oscillating_load
//   moves under way in the books: destination_dies, limit_per_host, limit_in_the_fleet
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "simulate/scenario_outcome.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path{PLIMSOLL_TEST_DATA} / ".." / ".." / "scenarios"; }

std::vector<std::string> stories_in(const fs::path& place) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{place}) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Scenario> read_story(const std::string& name) {
  std::ifstream file{folder() / (name + ".toml")};
  std::stringstream text;
  text << file.rdbuf();
  return read_scenario(text.str(), "scenarios/" + name + ".toml");
}

class ScenarioFile : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, EndsAsExpected) {
  const auto scenario = read_story(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().message;
  const ScenarioOutcome outcome = run_scenario(*scenario);
  EXPECT_TRUE(outcome.passed()) << scenario_text(outcome, true);
}

INSTANTIATE_TEST_SUITE_P(Stories, ScenarioFile, testing::ValuesIn(stories_in(folder())),
                         [](const auto& name) { return name.param; });

TEST(Scenarios, AreMany) { EXPECT_GE(stories_in(folder()).size(), 40U); }

TEST(Scenarios, EndTheSameEachTime) {
  for (const char* name : {"flash_crowd", "compose_project", "noisy_telemetry"}) {
    const auto scenario = read_story(name);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario_json(run_scenario(*scenario)), scenario_json(run_scenario(*scenario)));
  }
}

}  // namespace
}  // namespace plimsoll
