// Scenario files: read whole, each problem with its line; small ones are lived through.
#include <boost/json.hpp>
#include <string>

#include "fuzz.h"
#include "simulate/scenario_outcome.h"

namespace plimsoll::fuzz {
namespace {

constexpr const char* file = "story.toml";
/// Samples of hosts and containers: what an input may cost.
constexpr std::size_t work_max = 20'000;

bool is_small(const Scenario& scenario) {
  const auto steps = static_cast<std::size_t>(scenario.duration / scenario.sample_every);
  const std::size_t things =
      scenario.hosts.size() * scenario.hosts.size() + scenario.containers.size();
  return (steps + 1) * things <= work_max;
}

void live(const Scenario& scenario) {
  const ScenarioOutcome outcome = run_scenario(scenario);
  std::size_t containers = 0;
  for (const ScenarioHostLog& host : outcome.hosts) containers += host.at_end.size();
  require(containers == scenario.containers.size(), "a container was lost, or is there twice");
  for (const ScenarioFailure& failure : outcome.failures) {
    require(failure.line > 0, "a move that is not safe");
    require_fit_to_print(failure.wanted);
  }
  const auto value = boost::json::parse(scenario_json(outcome));
  require(value.as_object().at("passed").as_bool() == outcome.passed(), "JSON says otherwise");
  require(!scenario_text(outcome, true).empty(), "nothing to tell");
}

void check(std::string_view text) {
  const auto scenario = read_scenario(text, file);
  if (!scenario) return require_place(scenario.error(), file);
  require(scenario->duration >= Duration{0}, "time runs backwards");
  require(!scenario->hosts.empty(), "a story without a place");
  if (is_small(*scenario)) live(*scenario);
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
