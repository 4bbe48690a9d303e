#include "fleet/fleet_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t name_width = 16;
constexpr std::size_t figures_width = 42;  // everything in a host's line but name and bar
constexpr double bar_full = 1.5;           // levels that fill a bar; 1 is the line

enum class Colour { none, calm, near, over, soft, bold };

const char* code_of(Colour colour) {
  switch (colour) {
    case Colour::none:
      return "";
    case Colour::calm:
      return "\x1b[36m";
    case Colour::near:
      return "\x1b[33m";
    case Colour::over:
      return "\x1b[31m";
    case Colour::soft:
      return "\x1b[2m";
    case Colour::bold:
      return "\x1b[1m";
  }
  return "";
}

/// Bytes after which `columns` characters of UTF-8 have passed.
std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t i = 0;
  while (i < text.size() && columns > 0) {
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) ++i;
    --columns;
  }
  return i;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// Cut or filled with blanks to so many columns.
std::string fit(std::string_view text, std::size_t columns) {
  const std::string clean = printable(text, 1000);
  const std::size_t have = columns_of(clean);
  if (have > columns)
    return columns == 0 ? "" : clean.substr(0, bytes_of(clean, columns - 1)) + "~";
  return clean + std::string(columns - have, ' ');
}

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.1f}", *value) : "-";
}

std::string age(const HostRow& row) {
  if (!row.assessed.age) return "never";
  const auto s = row.assessed.age->count() / 1000;
  if (s < 100) return fmt::format("{} s", s);
  if (s < 6000) return fmt::format("{} min", s / 60);
  return fmt::format("{} h", s / 3600);
}

class Table {
 public:
  explicit Table(const TableStyle& style) : style_(style) {}

  void summary(const FleetView& view);
  void hosts(const FleetView& view);
  void containers(const FleetView& view);
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void line(Colour colour, std::string_view text);
  void host(const HostRow& row);
  [[nodiscard]] std::string bar(double level) const;
  [[nodiscard]] std::string paint(Colour colour, const std::string& text) const {
    return style_.colour && colour != Colour::none ? code_of(colour) + text + "\x1b[0m" : text;
  }
  [[nodiscard]] std::size_t room() const {
    return style_.height == 0 ? std::string::npos : style_.height - std::min(lines_, style_.height);
  }
  [[nodiscard]] std::size_t bar_width() const {
    const std::size_t used = name_width + figures_width;
    return style_.width > used + 8 ? std::min<std::size_t>(style_.width - used, 60) : 8;
  }

  TableStyle style_;
  std::string out_;
  std::size_t lines_ = 0;
};

void Table::line(Colour colour, std::string_view text) {
  if (room() == 0) return;
  const std::size_t columns = std::min(columns_of(text), style_.width);
  out_ += paint(colour, std::string{text.substr(0, bytes_of(text, columns))}) + '\n';
  ++lines_;
}

void Table::summary(const FleetView& view) {
  const auto count = [&](const auto& test) {
    return std::count_if(view.rows.begin(), view.rows.end(), test);
  };
  const auto up = count([](const HostRow& row) { return row.up; });
  const auto over = count([](const HostRow& row) { return row.up && row.assessed.over_line; });
  const std::string time = format_rfc3339(view.time).substr(11, 8);
  line(Colour::bold, fmt::format("plimsoll  {} UTC  {} host{}, {} up, {} over the line, {} silent",
                                 time, view.rows.size(), view.rows.size() == 1 ? "" : "s", up, over,
                                 static_cast<std::ptrdiff_t>(view.rows.size()) - up));
}

/// Filled up to the level, with a mark where the line is.
std::string Table::bar(double level) const {
  const auto width = bar_width();
  const auto cell = [&](double value) {
    return static_cast<std::size_t>(value / bar_full * static_cast<double>(width));
  };
  const std::size_t filled = cell(std::clamp(level, 0.0, bar_full));
  std::string out;
  for (std::size_t i = 0; i < width; ++i) {
    if (i == cell(1)) {
      out += '|';
    } else if (i < filled) {
      out += style_.unicode ? "█" : "#";
    } else {
      out += style_.unicode ? "░" : ".";
    }
  }
  return out;
}

void Table::host(const HostRow& row) {
  if (room() == 0) return;
  const std::string name = fit(row.name.str(), name_width - 1) + ' ';
  if (!row.up) {
    const std::size_t rest = style_.width > name_width ? style_.width - name_width : 0;
    const std::string since = row.assessed.age ? "silent for " + format_duration(*row.assessed.age)
                                               : std::string{"never seen"};
    line(Colour::soft, name + fit(since + ": " + row.error, rest));
    return;
  }
  const double level = row.assessed.level.value_or(0);
  const Colour colour = row.assessed.over_line ? Colour::over
                        : level > 0.9          ? Colour::near
                                               : Colour::calm;
  const std::string shown =
      row.assessed.level ? fmt::format("{:.0f} %", level * 100) : std::string{"-"};
  const std::string figures = fmt::format(
      "{:>7} {:>6} {:>6} {:>6} {:>5} {:>6}", shown, percent(row.latest.cpu),
      percent(row.latest.memory), percent(row.latest.storage), row.containers.size(), age(row));
  const std::size_t rest = style_.width > name_width ? style_.width - name_width : 0;
  if (rest < bar_width() + columns_of(figures)) return line(colour, name + figures);
  out_ += name + paint(colour, bar(level)) + figures + '\n';
  ++lines_;
}

void Table::hosts(const FleetView& view) {
  line(Colour::soft, fit("HOST", name_width) + fit("LEVEL", bar_width()) +
                         fmt::format("{:>7} {:>6} {:>6} {:>6} {:>5} {:>6}", "OF LINE", "CPU %",
                                     "MEM %", "DISK %", "CONT", "AGE"));
  // Worst first where not all fit.
  std::vector<const HostRow*> rows;
  rows.reserve(view.rows.size());
  for (const auto& row : view.rows) rows.push_back(&row);
  if (rows.size() > room()) {
    std::stable_sort(rows.begin(), rows.end(), [](const HostRow* a, const HostRow* b) {
      return a->assessed.level.value_or(-1) > b->assessed.level.value_or(-1);
    });
  }
  const bool all = rows.size() <= room();
  const std::size_t shown = all ? rows.size() : std::max<std::size_t>(room(), 1) - 1;
  for (std::size_t i = 0; i < shown; ++i) host(*rows[i]);
  if (!all) line(Colour::soft, fmt::format("... and {} more", rows.size() - shown));
}

void Table::containers(const FleetView& view) {
  struct Entry {
    const HostRow* host;
    const ContainerRow* container;
  };
  std::vector<Entry> entries;
  for (const auto& row : view.rows) {
    for (const auto& container : row.containers) {
      if (row.up) entries.push_back({&row, &container});
    }
  }
  if (entries.empty() || room() < 3) return;
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.container->cpu_percent.value_or(-1) > b.container->cpu_percent.value_or(-1);
  });
  line(Colour::none, "");
  line(Colour::soft, fmt::format("{}{}{:>7} {:>10}  {}", fit("CONTAINER", 26),
                                 fit("HOST", name_width), "CPU %", "MEMORY", "STATE"));
  for (const auto& [host, container] : entries) {
    const std::string memory =
        container->memory ? format_bytes(count(*container->memory)) : std::string{"-"};
    line(Colour::none,
         fmt::format("{} {} {:>7} {:>10}  {}", fit(container->name, 25),
                     fit(host->name.str(), name_width - 1), percent(container->cpu_percent), memory,
                     printable(container->state, 12)));
  }
}

}  // namespace

std::string render_fleet_table(const FleetView& view, const TableStyle& style) {
  Table table{style};
  table.summary(view);
  table.hosts(view);
  table.containers(view);
  return table.take();
}

}  // namespace plimsoll
