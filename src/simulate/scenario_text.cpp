#include <fmt/format.h>

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"
#include "simulate/scenario_outcome.h"

namespace plimsoll {
namespace {

constexpr std::size_t chart_points = 240;

std::string failure_text(const std::string& file, const ScenarioFailure& failure) {
  const std::string line = failure.line == 0 ? "" : fmt::format(":{}", failure.line);
  return fmt::format("{}{}: wanted {}, but: {}\n", file, line, failure.wanted, failure.happened);
}

std::string subject(const ScenarioReason& reason) {
  if (reason.container && reason.host) {
    return fmt::format("{} on {}", reason.container->str(), reason.host->str());
  }
  if (reason.container) return reason.container->str();
  return reason.host ? reason.host->str() : "fleet";
}

std::string move_text(const ScenarioMove& move) {
  std::string how = "under way";
  if (move.asked) how = "waits for approval";
  if (move.ended) {
    how = fmt::format("{} after {}", move.succeeded ? "done" : "failed",
                      format_duration(*move.ended - move.began));
  }
  return fmt::format("  {:>12}  {}: {} -> {}, {}\n                why: {}\n",
                     format_duration(move.began), move.container.str(), move.from.str(),
                     move.to.str(), how, move.reason);
}

std::string reason_text(const ScenarioReason& reason) {
  const std::string until =
      reason.times == 1 ? "" : fmt::format(" to {}", format_duration(reason.last));
  return fmt::format("  {}{}: {} [{}]: {}\n", format_duration(reason.first), until, subject(reason),
                     rule_name(reason.rule), reason.detail);
}

double peak(const ScenarioHostLog& host) {
  double highest = 0;
  for (const ScenarioLevel& each : host.levels) highest = std::max(highest, each.level.value_or(0));
  return highest;
}

std::optional<double> last_level(const ScenarioHostLog& host) {
  return host.levels.empty() ? std::nullopt : host.levels.back().level;
}

/// Samples over the line, in percent.
double share_over(const ScenarioHostLog& host) {
  if (host.levels.empty()) return 0;
  const auto over =
      std::count_if(host.levels.begin(), host.levels.end(),
                    [](const ScenarioLevel& each) { return each.level.value_or(0) > 1; });
  return 100.0 * static_cast<double>(over) / static_cast<double>(host.levels.size());
}

std::string host_text(const ScenarioHostLog& host) {
  const auto end = last_level(host);
  return fmt::format(
      "  {:<16} highest {:.2f} of its line, over it {:.1f} % of the time, at the "
      "end {} with {} containers\n",
      host.name, peak(host), share_over(host), end ? fmt::format("{:.2f}", *end) : "gone",
      host.at_end.size());
}

std::string details(const ScenarioOutcome& outcome) {
  std::string text = outcome.moves.empty() ? "Nothing moved.\n" : "Moves:\n";
  for (const ScenarioMove& move : outcome.moves) text += move_text(move);
  text += "Hosts:\n";
  for (const ScenarioHostLog& host : outcome.hosts) text += host_text(host);
  if (outcome.reasons.empty()) return text;
  text += "Not done, with the reason as it was given first:\n";
  for (const ScenarioReason& reason : outcome.reasons) text += reason_text(reason);
  if (outcome.reasons_more > 0) text += fmt::format("  and {} more\n", outcome.reasons_more);
  return text;
}

void write_moves(JsonWriter& json, const ScenarioOutcome& outcome) {
  json.key("moves").begin_array();
  for (const ScenarioMove& move : outcome.moves) {
    json.begin_object()
        .field("container", move.container.str())
        .field("from", move.from.str())
        .field("to", move.to.str())
        .field("reason", move.reason)
        .field("began_s", seconds(move.began))
        .optional_field("ended_s", move.ended ? std::optional{seconds(*move.ended)} : std::nullopt)
        .field("succeeded", move.succeeded)
        .field("asked", move.asked)
        .field("bytes", count(move.predicted.bytes))
        .end_object();
  }
  json.end_array();
}

void write_reasons(JsonWriter& json, const ScenarioOutcome& outcome) {
  json.key("reasons").begin_array();
  for (const ScenarioReason& reason : outcome.reasons) {
    json.begin_object();
    if (reason.host) json.field("host", reason.host->str());
    if (reason.container) json.field("container", reason.container->str());
    json.field("rule", rule_name(reason.rule))
        .field("detail", reason.detail)
        .field("first_s", seconds(reason.first))
        .field("last_s", seconds(reason.last))
        .field("times", reason.times)
        .end_object();
  }
  json.end_array().field("reasons_more", outcome.reasons_more);
}

/// As [seconds, level] pairs, few enough for a chart: of each stretch the highest.
void write_levels(JsonWriter& json, const ScenarioHostLog& host) {
  const std::size_t stretch = std::max<std::size_t>(1, host.levels.size() / chart_points);
  json.key("levels").begin_array();
  for (std::size_t i = 0; i < host.levels.size(); i += stretch) {
    std::optional<double> highest;
    for (std::size_t j = i; j < std::min(i + stretch, host.levels.size()); ++j) {
      highest = std::max(highest, host.levels[j].level);
    }
    json.begin_array().value(seconds(host.levels[i].time));
    highest ? json.value(*highest) : json.null();
    json.end_array();
  }
  json.end_array();
}

void write_hosts(JsonWriter& json, const ScenarioOutcome& outcome) {
  json.key("hosts").begin_array();
  for (const ScenarioHostLog& host : outcome.hosts) {
    json.begin_object()
        .field("name", host.name)
        .field("highest_level", peak(host))
        .field("over_line_percent", share_over(host))
        .optional_field("level_at_end", last_level(host))
        .key("containers")
        .begin_array();
    for (const std::string& name : host.at_end) json.value(name);
    json.end_array();
    write_levels(json, host);
    json.end_object();
  }
  json.end_array();
}

void write_failures(JsonWriter& json, const ScenarioOutcome& outcome) {
  json.key("failures").begin_array();
  for (const ScenarioFailure& failure : outcome.failures) {
    json.begin_object()
        .field("line", failure.line)
        .field("wanted", failure.wanted)
        .field("happened", failure.happened)
        .end_object();
  }
  json.end_array();
}

}  // namespace

std::string scenario_text(const ScenarioOutcome& outcome, bool all) {
  std::string text;
  for (const ScenarioFailure& failure : outcome.failures) {
    text += failure_text(outcome.file, failure);
  }
  if (outcome.passed()) {
    text = fmt::format(
        "{}: ok, {} in {}\n", outcome.file,
        fmt::format("{} move{}", outcome.moves.size(), outcome.moves.size() == 1 ? "" : "s"),
        format_duration(outcome.duration));
  }
  return all ? outcome.story + "\n\n" + details(outcome) + "\n" + text : text;
}

std::string scenario_json(const ScenarioOutcome& outcome) {
  JsonWriter json;
  json.begin_object()
      .field("scenario", outcome.file)
      .field("story", outcome.story)
      .field("passed", outcome.passed())
      .field("duration_s", seconds(outcome.duration))
      .field("evaluations", outcome.evaluations);
  write_moves(json, outcome);
  write_reasons(json, outcome);
  write_hosts(json, outcome);
  write_failures(json, outcome);
  json.end_object();
  return json.take();
}

}  // namespace plimsoll
