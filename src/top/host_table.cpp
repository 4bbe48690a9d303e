#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "top/figures.h"
#include "top/load_bar.h"
#include "top/panes.h"

namespace plimsoll {
namespace {

enum class Column {
  name,
  bar,
  level,
  cpu,
  memory,
  storage,
  pressure,
  containers,
  age,
  skew,
  busiest,
  address
};

struct ColumnSpec {
  Column column;
  std::string_view heading;
  std::size_t columns;  ///< With a blank in front.
  Align align;
  std::optional<SortKey> sorting;
};

/// From left to right. The columns of name and bar are the least they get.
constexpr std::array<ColumnSpec, 12> specs{{
    {Column::name, "HOST", 8, Align::left, SortKey::name},
    {Column::bar, " LEVEL", 9, Align::left, std::nullopt},
    {Column::level, "OF LINE", 8, Align::right, SortKey::level},
    {Column::cpu, "CPU %", 7, Align::right, SortKey::cpu},
    {Column::memory, "MEM %", 7, Align::right, SortKey::memory},
    {Column::storage, "DISK %", 7, Align::right, SortKey::storage},
    {Column::pressure, "PSI %", 7, Align::right, std::nullopt},
    {Column::containers, "CONT", 5, Align::right, std::nullopt},
    {Column::age, "AGE", 8, Align::right, std::nullopt},
    {Column::skew, "CLOCK", 9, Align::right, std::nullopt},
    {Column::busiest, "  BUSIEST CONTAINER", 28, Align::left, std::nullopt},
    {Column::address, "  ADDRESS", 18, Align::left, std::nullopt},
}};

/// Who gets room first.
constexpr std::array<Column, 12> by_weight{Column::name,    Column::level,      Column::bar,
                                           Column::cpu,     Column::memory,     Column::age,
                                           Column::storage, Column::containers, Column::busiest,
                                           Column::address, Column::pressure,   Column::skew};

const ColumnSpec& spec_of(Column column) { return specs.at(static_cast<std::size_t>(column)); }

/// What is worth a column only where a host has it.
struct Known {
  bool clock_off = false;
  bool pressure = false;
};

/// How many columns each part gets; 0: it is left out.
class Widths {
 public:
  Widths(std::size_t room, std::size_t longest_name, Known known) {
    room -= std::min(room, marks_columns);
    for (const Column column : by_weight) {
      if (column == Column::skew && !known.clock_off) continue;
      if (column == Column::pressure && !known.pressure) continue;
      const std::size_t least = spec_of(column).columns;
      if (least > room) break;
      of(column) = least;
      room -= least;
    }
    grow(Column::name, std::min(longest_name, std::size_t{16}), room);
    grow(Column::bar, 21, room);
    grow(Column::name, std::min(longest_name, std::size_t{40}), room);
    grow(Column::bar, 61, room);
  }
  [[nodiscard]] std::size_t operator[](Column column) const {
    return columns_.at(static_cast<std::size_t>(column));
  }

 private:
  std::size_t& of(Column column) { return columns_.at(static_cast<std::size_t>(column)); }
  void grow(Column column, std::size_t wanted, std::size_t& room) {
    if (of(column) == 0 || of(column) >= wanted) return;
    const std::size_t more = std::min(room, wanted - of(column));
    of(column) += more;
    room -= more;
  }
  std::array<std::size_t, specs.size()> columns_{};
};

const ContainerRow* busiest(const HostRow& row) {
  const auto found = std::max_element(
      row.containers.begin(), row.containers.end(), [](const auto& a, const auto& b) {
        return a.cpu_percent.value_or(-1) < b.cpu_percent.value_or(-1);
      });
  const bool known = found != row.containers.end() && found->cpu_percent.value_or(0) >= 0.05;
  return known ? &*found : nullptr;
}

std::string text_of(const HostRow& row, Column column) {
  switch (column) {
    case Column::name:
      return row.name.str();
    case Column::bar:
      return {};
    case Column::level:
      return level_text(row);
    case Column::cpu:
      return percent_text(row.latest.cpu);
    case Column::memory:
      return percent_text(row.latest.memory);
    case Column::storage:
      return percent_text(row.latest.storage);
    case Column::pressure:
      return percent_text(row.latest.pressure);
    case Column::containers:
      return std::to_string(row.containers.size());
    case Column::age:
      return age_text(row);
    case Column::skew:
      return skew_text(row);
    case Column::busiest: {
      const auto* container = busiest(row);
      return container == nullptr ? ""
                                  : fmt::format("{:>5.1f} % {}", container->cpu_percent.value_or(0),
                                                container->name);
    }
    case Column::address:
      return row.address;
  }
  return {};
}

class HostTable {
 public:
  HostTable(Frame& frame, const TopState& state, const TopData& data, const TopRows& rows)
      : frame_(frame),
        state_(state),
        data_(data),
        rows_(rows),
        widths_(frame.size().columns, longest_name(), known()) {}

  void heading(std::size_t row) const;
  void host(std::size_t row, const HostRow& host, bool chosen) const;

 private:
  [[nodiscard]] std::size_t longest_name() const;
  [[nodiscard]] Known known() const {
    const auto any = [&](const auto& test) { return std::ranges::any_of(data_.view.rows, test); };
    return {any([](const HostRow& row) { return row.clock_off; }),
            any([](const HostRow& row) { return row.latest.pressure.has_value(); })};
  }
  void field(Pen& pen, const HostRow& host, const ColumnSpec& spec, std::size_t row) const;

  Frame& frame_;
  const TopState& state_;
  const TopData& data_;
  const TopRows& rows_;
  Widths widths_;
};

std::size_t HostTable::longest_name() const {
  std::size_t longest = 8;
  for (const std::size_t place : rows_.hosts) {
    const auto& name = data_.view.rows[place].name.str();
    if (name.size() > longest) longest = std::max(longest, columns_of(name));
  }
  return longest;
}

void HostTable::heading(std::size_t row) const {
  Pen pen{frame_, row, marks_columns};
  for (const auto& spec : specs) {
    const Sorting& sorting = state_.host_sorting;
    const bool sorted = spec.sorting == sorting.key;
    const std::string words = heading_text(spec.heading, sorted, sorting, frame_.unicode());
    const Style style{sorted ? Colour::accent : Colour::soft, Colour::plain, sorted};
    pen.field(words, widths_[spec.column], spec.align, style);
  }
}

void HostTable::field(Pen& pen, const HostRow& host, const ColumnSpec& spec,
                      std::size_t row) const {
  const std::size_t columns = widths_[spec.column];
  if (columns == 0) return;
  const Colour colour = level_colour(host.assessed.level.value_or(0), host.assessed.over_line);
  if (spec.column == Column::bar) {
    const double level = host.assessed.level.value_or(0);
    draw_bar(frame_, pen.column() + 1, row, columns - 1, {level / bar_full, 1 / bar_full, colour});
    pen.skip(columns);
    return;
  }
  Style style;
  if (spec.column == Column::level && colour != Colour::calm) style = {colour, Colour::plain, true};
  if (spec.column == Column::skew && host.clock_off) style = {Colour::near, Colour::plain, true};
  if (spec.column == Column::age || spec.column == Column::address) style.ink = Colour::soft;
  const bool gap = spec.align == Align::left && spec.column != Column::name;
  if (gap) pen.skip(2);
  pen.field(text_of(host, spec.column), gap ? columns - std::min<std::size_t>(columns, 2) : columns,
            spec.align, style);
}

void HostTable::host(std::size_t row, const HostRow& host, bool chosen) const {
  const Colour colour = host.up
                            ? level_colour(host.assessed.level.value_or(0), host.assessed.over_line)
                            : Colour::over;
  draw_marks(frame_, row, chosen, sign_of(host), colour);
  Pen pen{frame_, row, marks_columns};
  if (host.up) {
    Pen name = pen;
    name.field(host.name.str(), widths_[Column::name], Align::left,
               {Colour::plain, Colour::plain, chosen});
    pen.skip(widths_[Column::name]);
    for (const auto& spec : specs) {
      if (spec.column != Column::name) field(pen, host, spec, row);
    }
  } else {
    pen.field(host.name.str(), widths_[Column::name], Align::left,
              {Colour::soft, Colour::plain, chosen});
    pen.skip(1).field(silence_text(host), pen.room(), Align::left, {Colour::soft});
  }
  if (chosen) shade_chosen(frame_, row);
}

}  // namespace

void draw_hosts(Frame& frame, Pane pane, bool heading, const TopState& state, const TopData& data,
                const TopRows& rows) {
  const HostTable table{frame, state, data, rows};
  if (heading) table.heading(pane.row - 1);
  const ListWindow window = window_of(state, data, rows, pane.rows);
  for (std::size_t i = window.first; i < window.last; ++i) {
    table.host(pane.row + i - window.first, data.view.rows[rows.hosts[i]], i == window.chosen);
  }
}

}  // namespace plimsoll
