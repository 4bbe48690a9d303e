#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "simulate/report.h"
#include "simulate/report_chart.h"

namespace plimsoll {
namespace {

using Group = std::vector<BalancingRun>;

/// "default aggressiveness=0.3" is one of the settings of "default".
std::string policy_name(const BalancingRun& run) {
  return run.policy.substr(0, run.policy.find(' '));
}

/// A colour for each policy, in the order in which they come.
std::map<std::string, std::size_t> colours_of(const Group& group) {
  std::map<std::string, std::size_t> colours;
  for (const auto& run : group) colours.emplace(policy_name(run), colours.size());
  return colours;
}

/// Sums of `width` steps each, so that single steps do not hide the course of things.
template <class Value>
ChartSeries over_time(const BalancingRun& run, std::size_t colour, std::size_t width, Value value) {
  ChartSeries series{.name = run.policy, .points = {}, .colour = colour, .labels = {}};
  for (std::size_t at = 0; at < run.steps.size(); at += width) {
    double sum = 0;
    const std::size_t end = std::min(at + width, run.steps.size());
    for (std::size_t i = at; i < end; ++i) sum += value(run.steps[i]);
    series.points.emplace_back(static_cast<double>(at + 1), sum);
  }
  return series;
}

template <class Value>
Chart time_chart(const Group& group, std::string title, std::string y_axis, Value value) {
  const auto colours = colours_of(group);
  const std::size_t width = std::max<std::size_t>(1, group.front().steps.size() / 72);
  Chart chart{.title = fmt::format("{}, per {} steps", title, width),
              .x_axis = "step",
              .y_axis = std::move(y_axis),
              .bands = {},
              .series = {},
              .lines = {}};
  for (const auto& run : group) {
    chart.series.push_back(over_time(run, colours.at(policy_name(run)), width, value));
  }
  return chart;
}

Chart band_chart(const BalancingRun& run, std::size_t colour) {
  Chart chart{.title = "host utilisation, " + run.policy,
              .x_axis = "step",
              .y_axis = "%: lowest to highest, quartiles, median",
              .bands = {},
              .series = {},
              .lines = {100}};
  ChartBand all{.x = {}, .low = {}, .high = {}, .colour = colour};
  ChartBand middle = all;
  ChartSeries median{.name = "", .points = {}, .colour = colour, .labels = {}};
  for (std::size_t i = 0; i < run.steps.size(); ++i) {
    const auto& step = run.steps[i];
    const double x = static_cast<double>(i + 1);
    all.x.push_back(x);
    all.low.push_back(step.lowest);
    all.high.push_back(step.highest);
    middle.x.push_back(x);
    middle.low.push_back(step.lower);
    middle.high.push_back(step.upper);
    median.points.emplace_back(x, step.median);
  }
  chart.bands = {std::move(all), std::move(middle)};
  chart.series = {std::move(median)};
  return chart;
}

Chart front_chart(const Group& group) {
  Chart chart{.title = "overload against moves: " + group.front().fleet,
              .x_axis = "moves",
              .y_axis = "O100, % of host-steps",
              .bands = {},
              .series = {},
              .log_x = true,
              .lines = {}};
  if (group.front().density > 0) {
    chart.title += fmt::format(", density {:.2g}", group.front().density);
  }
  for (const auto& [name, colour] : colours_of(group)) {
    ChartSeries series{.name = name, .points = {}, .colour = colour, .dots = true, .labels = {}};
    for (const auto& run : group) {
      if (policy_name(run) != name) continue;
      series.points.emplace_back(static_cast<double>(run.figures.moves), run.figures.over_100);
      series.labels.push_back(run.policy.substr(std::min(name.size() + 1, run.policy.size())));
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

std::string html_table(const Group& group) {
  std::string rows;
  for (const auto& run : group) {
    const auto& f = run.figures;
    rows += fmt::format(
        "<tr><th>{}</th><td>{:.3f}</td><td>{:.3f}</td><td>{:.3f}</td><td>{:.3f}</td><td>{}</td>"
        "<td>{:.1f}</td><td>{:.1f}</td><td>{:.1f}</td></tr>\n",
        html_text(run.policy), f.over_100, f.over_90, f.over_80, f.unserved, f.moves, f.moved_gib,
        f.spread, f.decision_us);
  }
  return "<table><tr><th>policy</th><td>O100 %</td><td>O90 %</td><td>O80 %</td><td>US %</td>"
         "<td>moves</td><td>GiB</td><td>s.d. %</td><td>µs</td></tr>\n" +
         rows + "</table>\n";
}

std::string section(const Group& group) {
  const auto& first = group.front();
  const std::string density =
      first.density > 0 ? fmt::format(", density {:.2g}", first.density) : std::string{};
  std::string out = fmt::format(
      "<h2>{}{}</h2>\n<p>{} workloads on {} hosts, {} scored steps.</p>\n", html_text(first.fleet),
      density, first.workloads, first.hosts, first.steps.size());
  out += html_table(group) + "<div class='charts'>\n" + front_svg(group, false);
  out += chart_svg(time_chart(group, "host-steps above capacity", "host-steps",
                              [](const BalancingStep& s) { return static_cast<double>(s.over); }));
  out += chart_svg(time_chart(group, "moves", "moves",
                              [](const BalancingStep& s) { return static_cast<double>(s.moves); }));
  const auto colours = colours_of(group);
  for (const auto& run : group) {
    out += chart_svg(band_chart(run, colours.at(policy_name(run))));
  }
  return out + "</div>\n";
}

constexpr std::string_view page_style = R"(body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;
max-width:1500px;padding:0 1rem;color:var(--fg);background:var(--bg)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:500}td{text-align:right}th,td{padding:.2rem .8rem;
border-bottom:1px solid var(--soft)}.charts{display:grid;gap:1rem;margin:1rem 0;
grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr))}
.words td{text-align:left;vertical-align:top}.words th{white-space:nowrap;vertical-align:top}
)";

constexpr std::string_view legend =
    "<p>O100, O90, O80: share of all hosts and steps with a demand above 100, 90 and 80 % of the "
    "capacity. US: demand above capacity, of all demand. GiB: memory in use of what was moved. "
    "s.d.: of the hosts' utilisation, mean over steps. µs: mean time of a decision.</p>\n";

}  // namespace

std::string front_svg(const std::vector<BalancingRun>& runs, bool colours) {
  std::string svg = chart_svg(front_chart(runs));
  if (!colours) return svg;
  const auto inside = svg.find('>') + 1;
  return svg.insert(inside, "\n<style>" + chart_style() + "svg{background:var(--bg)}</style>");
}

std::string report_page(const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
      "<meta name='viewport' content='width=device-width'>"
      "<meta name='color-scheme' content='light dark'>"
      "<title>plimsoll simulate</title>\n<style>{}{}</style></head>\n<body><h1>plimsoll "
      "simulate</h1>\n{}</body></html>\n",
      chart_style(), page_style, body);
}

std::string balancing_html(const std::vector<BalancingRun>& runs) {
  std::string body{legend};
  for (const auto& group : by_fleet(runs)) body += section(group);
  return report_page(body);
}

}  // namespace plimsoll
