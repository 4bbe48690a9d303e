#include <algorithm>

#include "top/figures.h"
#include "top/load_bar.h"
#include "top/panes.h"

namespace plimsoll {
namespace {

constexpr std::size_t bar_columns = 12;

struct Layout {
  std::size_t name = 10;
  std::size_t host = 0;
  std::size_t bar = 0;
  std::size_t cpu = 8;
  std::size_t memory = 10;
  std::size_t state = 0;
  std::size_t image = 0;
};

/// Takes as much for a column as it wants, if at least `least` is left.
void take(std::size_t& column, std::size_t least, std::size_t wanted, std::size_t& room) {
  const std::size_t more = std::min(room, wanted - std::min(wanted, column));
  if (more == 0 || column + more < least) return;
  column += more;
  room -= more;
}

/// The longest names there are.
struct Longest {
  std::size_t name = 10;
  std::size_t host = 8;
};

Longest longest_of(const FleetView& view, const std::vector<ContainerPlace>& places) {
  Longest longest;
  for (const auto& place : places) {
    const HostRow& host = view.rows[place.host];
    const std::string& name = host.containers[place.container].name;
    if (name.size() > longest.name) longest.name = std::max(longest.name, columns_of(name));
    const std::string& host_name = host.name.str();
    if (host_name.size() > longest.host) {
      longest.host = std::max(longest.host, columns_of(host_name));
    }
  }
  return longest;
}

Layout layout_for(std::size_t columns, bool with_hosts, const Longest& longest) {
  constexpr std::size_t gap = 2;
  Layout layout;
  const std::size_t used = marks_columns + layout.name + layout.cpu + layout.memory;
  std::size_t room = columns - std::min(columns, used);
  const auto up_to = [](std::size_t wanted, std::size_t most) { return std::min(wanted, most); };
  take(layout.name, 10, up_to(longest.name, 16), room);
  if (with_hosts) take(layout.host, 8, up_to(longest.host + gap, 14), room);
  take(layout.state, 9, 11, room);
  take(layout.bar, bar_columns, bar_columns, room);
  take(layout.name, 10, up_to(longest.name, 28), room);
  take(layout.image, 10, 28, room);
  if (with_hosts) take(layout.host, 8, up_to(longest.host + gap, 26), room);
  take(layout.image, 10, 80, room);
  return layout;
}

class ContainerTable {
 public:
  ContainerTable(Frame& frame, const TopState& state, const TopData& data, const TopRows& rows)
      : frame_(frame),
        state_(state),
        data_(data),
        layout_(layout_for(frame.size().columns, state.screen == TopScreen::containers,
                           longest_of(data.view, rows.containers))) {}

  void heading(std::size_t row) const;
  void container(std::size_t row, ContainerPlace place, bool chosen) const;

 private:
  Frame& frame_;
  const TopState& state_;
  const TopData& data_;
  Layout layout_;
};

void ContainerTable::heading(std::size_t row) const {
  Pen pen{frame_, row, marks_columns};
  const Sorting& sorting = state_.container_sorting;
  const auto title = [&](std::string_view words, std::size_t columns, Align align,
                         std::optional<SortKey> key) {
    const bool sorted = key == sorting.key;
    const Style style{sorted ? Colour::accent : Colour::soft, Colour::plain, sorted};
    pen.field(heading_text(words, sorted, sorting, frame_.unicode()), columns, align, style);
  };
  title("CONTAINER", layout_.name, Align::left, SortKey::name);
  title("  HOST", layout_.host, Align::left, std::nullopt);
  pen.skip(layout_.bar);
  title("CPU %", layout_.cpu, Align::right, SortKey::cpu);
  title("MEMORY", layout_.memory, Align::right, SortKey::memory);
  title("  STATE", layout_.state, Align::left, std::nullopt);
  title("  IMAGE", layout_.image, Align::left, std::nullopt);
}

void ContainerTable::container(std::size_t row, ContainerPlace place, bool chosen) const {
  const HostRow& host = data_.view.rows[place.host];
  const ContainerRow& container = host.containers[place.container];
  draw_marks(frame_, row, chosen, host.up ? " " : "?", Colour::over);
  Pen pen{frame_, row, marks_columns};
  const auto beside = [&](std::string_view text, std::size_t columns) {
    pen.skip(std::min<std::size_t>(columns, 2));
    pen.field(text, columns - std::min<std::size_t>(columns, 2), Align::left, {Colour::soft});
  };
  pen.field(container.name, layout_.name, Align::left, {Colour::plain, Colour::plain, chosen});
  beside(host.name.str(), layout_.host);
  if (layout_.bar > 2 && container.cpu_percent) {
    const LoadBar bar{*container.cpu_percent / 100, data_.view.policy.line.cpu / 100, Colour::calm};
    draw_bar(frame_, pen.column() + 2, row, layout_.bar - 2, bar);
  }
  pen.skip(layout_.bar);
  pen.field(percent_text(container.cpu_percent), layout_.cpu, Align::right);
  pen.field(memory_text(container.memory), layout_.memory, Align::right);
  beside(container.state, layout_.state);
  beside(container.image, layout_.image);
  if (chosen) shade_chosen(frame_, row);
}

}  // namespace

void draw_containers(Frame& frame, Pane pane, bool heading, const TopState& state,
                     const TopData& data, const TopRows& rows) {
  const ContainerTable table{frame, state, data, rows};
  if (heading) table.heading(pane.row - 1);
  const ListWindow window = window_of(state, data, rows, pane.rows);
  for (std::size_t i = window.first; i < window.last; ++i) {
    table.container(pane.row + i - window.first, rows.containers[i], i == window.chosen);
  }
}

}  // namespace plimsoll
