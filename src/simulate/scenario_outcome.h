#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "decide/plan.h"
#include "simulate/scenario.h"

namespace plimsoll {

/// A move of a story. Times are since its start.
struct ScenarioMove {
  ContainerName container;
  HostId from;
  HostId to;
  std::string reason;
  Prediction predicted;
  Duration began{0};
  std::optional<Duration> ended;  ///< Absent: under way at the end, or waiting for approval.
  bool succeeded = false;
  bool asked = false;  ///< It waits for approval, which nobody gives.
};

/// What was said again and again about one host or container.
struct ScenarioReason {
  std::optional<HostId> host;
  std::optional<ContainerName> container;
  Rule rule{};
  Duration first{0};
  Duration last{0};
  std::size_t times = 0;
  std::string detail;  ///< As it was said first.
};

/// How deep a host lay: 1 is its line.
struct ScenarioLevel {
  Duration time{0};
  std::optional<double> level;  ///< Absent: it was not there, or lost.
};

struct ScenarioHostLog {
  std::string name;
  std::vector<ScenarioLevel> levels;  ///< One per sample.
  std::vector<std::string> at_end;    ///< Names of its containers, sorted.
};

/// An expectation that was not met.
struct ScenarioFailure {
  std::size_t line = 0;  ///< 0: a rule that holds in every story.
  std::string wanted;
  std::string happened;
};

/// What became of a scenario.
struct ScenarioOutcome {
  std::string file;
  std::string story;
  Duration duration{0};
  std::size_t evaluations = 0;
  std::vector<ScenarioMove> moves;      ///< In the order in which they began.
  std::vector<ScenarioReason> reasons;  ///< In the order in which they were first given.
  std::size_t reasons_more = 0;         ///< Left out of `reasons`.
  std::vector<ScenarioHostLog> hosts;
  std::vector<ScenarioFailure> failures;

  [[nodiscard]] bool passed() const { return failures.empty(); }
};

/// Lets a story happen, with decide() steering, and holds what happened against what was expected.
/// The same scenario always ends the same.
[[nodiscard]] ScenarioOutcome run_scenario(const Scenario& scenario);

/// What of the expectations was not met. `plans` of the story are noted one by one as they are
/// made, so that nothing of them has to be kept.
class ScenarioJudge {
 public:
  explicit ScenarioJudge(const Scenario& scenario);
  void note(const Plan& plan, Duration time);
  [[nodiscard]] std::vector<ScenarioFailure> failures(const ScenarioOutcome& outcome) const;

 private:
  struct Heard {
    std::vector<std::string> subjects;  // that were told the rule
    bool words = false;                 // one of the details has the words
    std::string detail;                 // the first one
  };
  void hear(const std::optional<HostId>& host, const std::optional<ContainerName>& container,
            Rule rule, const std::string& detail, Duration time);

  const Expectations& expect_;
  std::vector<Heard> heard_;  // as Expectations::rejections
};

/// The outcome for people: "ok", or FILE:LINE with what was wanted and what happened; with `all`
/// also the moves, the reasons and the hosts.
[[nodiscard]] std::string scenario_text(const ScenarioOutcome& outcome, bool all);
/// `{"scenario", "story", "passed", "duration_s", "moves": […], "reasons": […], "hosts": […],
/// "failures": [{"line", "wanted", "happened"}]}`
[[nodiscard]] std::string scenario_json(const ScenarioOutcome& outcome);
/// All of it as one page of HTML with a chart of the hosts, which loads nothing from anywhere.
[[nodiscard]] std::string scenarios_html(const std::vector<ScenarioOutcome>& outcomes);

}  // namespace plimsoll
