#include <fmt/format.h>

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"
#include "simulate/report.h"

namespace plimsoll {
namespace {

/// Three digits that say something, as the yardstick prints them.
std::string digits(double value) {
  if (value == 0) return "0";
  if (value < 0.0005) return "<.001";
  if (value < 1) return fmt::format("{:.3f}", value).substr(1);
  return value < 10 ? fmt::format("{:.2f}", value) : fmt::format("{:.1f}", value);
}

std::string heading(const BalancingRun& run) {
  const std::string density =
      run.density > 0 ? fmt::format(", density {:.2g}", run.density) : std::string{};
  return fmt::format("{}{}: {} workloads on {} hosts, {} steps\n", printable(run.fleet), density,
                     run.workloads, run.hosts, run.steps.size());
}

std::string row(const BalancingRun& run, std::size_t width) {
  const auto& figures = run.figures;
  return fmt::format("  {:<{}} {:>7} {:>7} {:>7} {:>7} {:>6} {:>8.1f} {:>6.1f} {:>8.1f}{}\n",
                     run.policy, width, digits(figures.over_100), digits(figures.over_90),
                     digits(figures.over_80), digits(figures.unserved), figures.moves,
                     figures.moved_gib, figures.spread, figures.decision_us,
                     figures.memory_over > 0
                         ? fmt::format("  memory over {} %", digits(figures.memory_over))
                         : std::string{});
}

void write_run(JsonWriter& json, const BalancingRun& run) {
  const auto& figures = run.figures;
  json.begin_object().field("fleet", run.fleet).field("policy", run.policy);
  json.key("density");
  if (run.density > 0) {
    json.value(run.density);
  } else {
    json.null();
  }
  json.field("hosts", run.hosts).field("workloads", run.workloads);
  json.field("scored_steps", run.steps.size());
  json.field("over_100_percent", figures.over_100).field("over_90_percent", figures.over_90);
  json.field("over_80_percent", figures.over_80).field("unserved_percent", figures.unserved);
  json.field("memory_over_percent", figures.memory_over);
  json.field("moves", figures.moves).field("returns", figures.returns);
  json.field("moved_gib", figures.moved_gib).field("spread_percent", figures.spread);
  json.field("decision_us", figures.decision_us).end_object();
}

}  // namespace

std::vector<std::vector<BalancingRun>> by_fleet(std::vector<BalancingRun> runs) {
  std::vector<std::vector<BalancingRun>> groups;
  for (auto& run : runs) {
    if (groups.empty() || groups.back().front().fleet != run.fleet ||
        groups.back().front().density != run.density) {
      groups.emplace_back();
    }
    groups.back().push_back(std::move(run));
  }
  return groups;
}

std::string balancing_text(const std::vector<BalancingRun>& runs) {
  std::size_t width = 6;
  for (const auto& run : runs) width = std::max(width, run.policy.size());
  std::string text;
  for (const auto& group : by_fleet(runs)) {
    text += (text.empty() ? "" : "\n") + heading(group.front());
    text += fmt::format("  {:<{}} {:>7} {:>7} {:>7} {:>7} {:>6} {:>8} {:>6} {:>8}\n", "policy",
                        width, "O100 %", "O90 %", "O80 %", "US %", "M", "GiB", "s.d. %", "µs");
    for (const auto& run : group) text += row(run, width);
  }
  return text;
}

std::string balancing_json(const std::vector<BalancingRun>& runs) {
  JsonWriter json;
  json.begin_object().key("runs").begin_array();
  for (const auto& run : runs) write_run(json, run);
  json.end_array().end_object();
  return json.take();
}

}  // namespace plimsoll
