#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "top/figures.h"
#include "top/load_bar.h"
#include "top/order.h"
#include "top/panes.h"

namespace plimsoll {
namespace {

std::string verdict(const HostRow& row) {
  if (!row.up) return silence_text(row);
  if (!row.assessed.level) return "not enough telemetry yet to judge it";
  std::string text = level_text(row) + " of its line";
  if (row.assessed.over_line) {
    text += fmt::format(", over it in {} of {} looks", row.assessed.held, row.assessed.looks);
  }
  return text;
}

struct Resource {
  std::string_view name;
  std::optional<double> now;
  std::optional<double> mean;
  double line;
  std::string capacity;
};

std::string size_text(const std::optional<Bytes>& bytes, std::string_view of) {
  return bytes ? format_bytes(count(*bytes)) + std::string{of} : std::string{};
}

std::string cores_text(const Capacity& capacity) {
  return capacity.cpu_cores ? fmt::format("{:.3g} cores", *capacity.cpu_cores) : "";
}

/// A resource's bar ends at 100 %; its mark is its own line.
void draw_resource(Frame& frame, std::size_t row, const Resource& resource) {
  constexpr std::size_t fixed = 12;
  constexpr std::size_t figures = 9;
  const std::size_t columns = frame.size().columns;
  const std::size_t bar = std::clamp<std::size_t>(columns / 4, 8, 50);
  Pen pen{frame, row, marks_columns};
  pen.field(resource.name, fixed - marks_columns, Align::left, {Colour::soft});
  const double share = resource.now.value_or(0) / 100;
  const bool over = resource.mean.value_or(0) > resource.line;
  const double level = resource.mean.value_or(0) / resource.line;
  const Colour colour = level_colour(level, over);
  draw_bar(frame, pen.column(), row, bar, {share, resource.line / 100, colour});
  pen.skip(bar);
  const std::string now = resource.now ? percent_text(resource.now) + " %" : "-";
  pen.field(now, figures, Align::right, {over ? Colour::over : Colour::plain, Colour::plain, over});
  pen.text(over ? " !" : "  ", {Colour::over, Colour::plain, true});
  const std::string rest =
      fmt::format("mean {}, line {:g}{}{}", percent_text(resource.mean), resource.line,
                  resource.capacity.empty() ? "" : "   ", resource.capacity);
  pen.skip(1).field(rest, pen.room(), Align::left, {Colour::soft});
}

std::string further_facts(const HostRow& row, const HostState* state) {
  std::string text = "seen " + (row.assessed.age ? age_text(row) + " ago" : "never");
  if (row.latest.pressure) text += "   pressure " + percent_text(row.latest.pressure) + " %";
  if (const auto skew = skew_text(row); skew != "-")
    text += "   clock " + skew + (row.clock_off ? " off!" : "");
  if (state == nullptr) return text;
  if (!state->architecture.empty()) text += "   " + state->architecture;
  for (const auto& [key, value] : state->labels)
    text.append("   ").append(key).append("=").append(value);
  return text;
}

/// Over as many rows as it takes and the pane has.
void draw_paragraph(Frame& frame, Pane pane, std::string_view text) {
  const std::size_t columns = frame.size().columns - std::min(frame.size().columns, marks_columns);
  std::size_t row = 0;
  std::string line;
  const auto flush = [&] {
    if (row < pane.rows) Pen{frame, pane.row + row, marks_columns}.text(line, {Colour::over});
    ++row;
    line.clear();
  };
  for (const auto word : split(text, ' ')) {
    if (!line.empty() && columns_of(line) + 1 + columns_of(word) > columns) flush();
    line += (line.empty() ? "" : " ") + std::string{word};
  }
  flush();
}

}  // namespace

void draw_facts(Frame& frame, Pane pane, const FleetView& view, std::size_t host) {
  const HostRow& row = view.rows[host];
  const HostState* state = host < view.snapshot.hosts.size() ? &view.snapshot.hosts[host] : nullptr;
  const bool over = row.up && row.assessed.over_line;
  const Colour colour = over || !row.up ? Colour::over : Colour::plain;
  const bool near = row.up && !over && needs_a_look(row);
  draw_marks(frame, pane.row, false, sign_of(row), near ? Colour::near : Colour::over);
  Pen pen{frame, pane.row, marks_columns};
  pen.text(row.name.str(), {Colour::plain, Colour::plain, true}).skip(2);
  pen.text(row.address, {Colour::soft}).skip(2);
  const std::string words = verdict(row);
  if (row.up || pane.rows < 5) {
    pen.field(words, pen.room(), Align::left, {colour, Colour::plain, over});
  } else {
    draw_paragraph(frame, {pane.row + 1, 3}, words);
  }
  if (pane.rows < 5) return;
  Pen{frame, pane.row + 4, marks_columns}.field(further_facts(row, state), frame.size().columns,
                                                Align::left, {Colour::soft});
  if (!row.up) return;
  const Capacity capacity = state == nullptr ? Capacity{} : state->capacity;
  const Lines& line = view.policy.line;
  const Utilisation& mean = row.assessed.used;
  const std::string disk = size_text(capacity.storage_free, " free");
  const std::array<Resource, 3> resources{
      {{"CPU", row.latest.cpu, mean.cpu, line.cpu, cores_text(capacity)},
       {"memory", row.latest.memory, mean.memory, line.memory, size_text(capacity.memory, "")},
       {"storage", row.latest.storage, mean.storage, line.storage, disk}}};
  for (std::size_t i = 0; i < resources.size(); ++i) {
    draw_resource(frame, pane.row + 1 + i, resources.at(i));
  }
}

}  // namespace plimsoll
