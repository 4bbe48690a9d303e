#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "simulate/report.h"
#include "simulate/report_chart.h"
#include "simulate/scenario_outcome.h"

namespace plimsoll {
namespace {

/// Hosts drawn, those that lay deepest. The chart has as many colours.
constexpr std::size_t drawn_max = 8;
/// Points of a line; of what lies between two the deepest is drawn.
constexpr std::size_t points_max = 600;
constexpr std::size_t reasons_shown = 200;

double minutes_of(Duration time) { return seconds(time) / 60; }

double deepest(const ScenarioHostLog& host) {
  double most = 0;
  for (const ScenarioLevel& each : host.levels) most = std::max(most, each.level.value_or(0));
  return most;
}

ChartSeries line_of(const ScenarioHostLog& host, std::size_t colour) {
  ChartSeries series{.name = host.name, .points = {}, .colour = colour, .labels = {}};
  const std::size_t width = host.levels.size() / points_max + 1;
  for (std::size_t at = 0; at < host.levels.size(); at += width) {
    const std::size_t end = std::min(at + width, host.levels.size());
    double most = 0;
    for (std::size_t i = at; i < end; ++i) most = std::max(most, host.levels[i].level.value_or(0));
    series.points.emplace_back(minutes_of(host.levels[at].time), most);
  }
  return series;
}

std::string levels_chart(const ScenarioOutcome& outcome) {
  std::vector<const ScenarioHostLog*> hosts;
  for (const ScenarioHostLog& host : outcome.hosts) hosts.push_back(&host);
  std::stable_sort(hosts.begin(), hosts.end(),
                   [](const auto* a, const auto* b) { return deepest(*a) > deepest(*b); });
  if (hosts.size() > drawn_max) hosts.resize(drawn_max);
  Chart chart{
      .title = hosts.size() < outcome.hosts.size()
                   ? fmt::format("the {} deepest of {} hosts", hosts.size(), outcome.hosts.size())
                   : "how deep the hosts lay",
      .x_axis = "minutes",
      .y_axis = "level: 1 is the line",
      .bands = {},
      .series = {},
      .lines = {1}};
  for (std::size_t i = 0; i < hosts.size(); ++i) chart.series.push_back(line_of(*hosts[i], i));
  return chart_svg(chart);
}

std::string state_of(const ScenarioMove& move) {
  if (move.asked) return "waits for approval";
  if (!move.ended) return "under way";
  return fmt::format("{} after {}", move.succeeded ? "done" : "failed",
                     format_duration(*move.ended - move.began));
}

std::string moves_table(const ScenarioOutcome& outcome) {
  if (outcome.moves.empty()) return "<p>Nothing moved.</p>\n";
  std::string rows;
  for (const ScenarioMove& move : outcome.moves) {
    rows += fmt::format("<tr><th>{}</th><td>{}</td><td>{} → {}</td><td>{}</td><td>{}</td></tr>\n",
                        format_duration(move.began), html_text(move.container.str()),
                        html_text(move.from.str()), html_text(move.to.str()), state_of(move),
                        html_text(move.reason));
  }
  return "<h3>Moves</h3>\n<table class='words'>" + rows + "</table>\n";
}

std::string subject_of(const ScenarioReason& reason) {
  const std::string host = reason.host ? reason.host->str() : "the fleet";
  return html_text(reason.container ? reason.container->str() + " on " + host : host);
}

std::string reasons_table(const ScenarioOutcome& outcome) {
  if (outcome.reasons.empty()) return {};
  std::string rows;
  const std::size_t shown = std::min(reasons_shown, outcome.reasons.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const ScenarioReason& reason = outcome.reasons[i];
    rows += fmt::format("<tr><th>{} to {}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        format_duration(reason.first), format_duration(reason.last),
                        subject_of(reason), rule_name(reason.rule), html_text(reason.detail));
  }
  const std::size_t more = outcome.reasons.size() - shown + outcome.reasons_more;
  return "<h3>Not done, with the reason as it was given first</h3>\n<table class='words'>" + rows +
         "</table>\n" + (more > 0 ? fmt::format("<p>And {} more.</p>\n", more) : "");
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string verdict(const ScenarioOutcome& outcome) {
  if (outcome.passed()) {
    return fmt::format("<p>All came out as expected, in {}.</p>\n",
                       format_duration(outcome.duration));
  }
  std::string rows;
  for (const ScenarioFailure& failure : outcome.failures) {
    rows += fmt::format("<li>line {}: wanted {}, but: {}</li>\n", failure.line,
                        html_text(failure.wanted), html_text(failure.happened));
  }
  return "<p>Not as expected:</p>\n<ul>" + rows + "</ul>\n";
}

}  // namespace

std::string scenarios_html(const std::vector<ScenarioOutcome>& outcomes) {
  std::string body;
  for (const ScenarioOutcome& outcome : outcomes) {
    body += fmt::format("<h2>{}</h2>\n<p>{}</p>\n{}<div class='charts'>{}</div>\n{}{}",
                        html_text(outcome.file), html_text(on_one_line(outcome.story)),
                        verdict(outcome), levels_chart(outcome), moves_table(outcome),
                        reasons_table(outcome));
  }
  return report_page(body);
}

}  // namespace plimsoll
