#include "top/plain_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "top/figures.h"

namespace plimsoll {
namespace {

std::string safe(std::string_view text) {
  std::string out;
  GlyphReader reader{text};
  while (const auto glyph = reader.next()) out += glyph->text();
  return out.empty() ? "-" : out;
}

std::string summary(const TopData& data) {
  const HostCounts counts = count_hosts(data.view);
  const std::string day =
      data.live ? std::string{} : format_rfc3339(data.view.time).substr(0, 10) + ' ';
  return fmt::format("plimsoll  {}{} UTC  {} host{}, {} up, {} over the line, {} silent\n", day,
                     clock_text(data.view.time), counts.all, counts.all == 1 ? "" : "s", counts.up,
                     counts.over, counts.silent);
}

std::string note_of(const HostRow& row) {
  if (row.up) return {};
  if (row.assessed.age)
    return (row.error_class.empty() ? "silent" : row.error_class) + ": " + row.error;
  return "never seen: " + row.error;
}

std::string hosts_table(const FleetView& view, const std::vector<std::size_t>& hosts) {
  PlainTable table{{{"HOST"},
                    {"STATE"},
                    {"OF LINE", true},
                    {"CPU %", true},
                    {"MEM %", true},
                    {"DISK %", true},
                    {"CONTAINERS", true},
                    {"AGE", true},
                    {"CLOCK", true},
                    {"ADDRESS"},
                    {"NOTE"}}};
  for (const std::size_t place : hosts) {
    const HostRow& row = view.rows[place];
    table.add({row.name.str(), std::string{state_word(row)}, level_text(row),
               percent_text(row.latest.cpu), percent_text(row.latest.memory),
               percent_text(row.latest.storage), std::to_string(row.containers.size()),
               age_text(row), skew_text(row), row.address, note_of(row)});
  }
  return table.render();
}

std::string containers_table(const FleetView& view, const std::vector<ContainerPlace>& places) {
  PlainTable table{
      {{"CONTAINER"}, {"HOST"}, {"CPU %", true}, {"MEMORY", true}, {"STATE"}, {"IMAGE"}}};
  for (const auto& place : places) {
    const HostRow& host = view.rows[place.host];
    const ContainerRow& row = host.containers[place.container];
    table.add({row.name, host.name.str(), percent_text(row.cpu_percent), memory_text(row.memory),
               row.state, row.image});
  }
  return table.render();
}

std::string moves_table(const std::vector<MoveLine>& moves) {
  PlainTable table{{{"MOVE"},
                    {"CONTAINER"},
                    {"FROM"},
                    {"TO"},
                    {"STATE"},
                    {"BYTES", true},
                    {"PREDICTED", true},
                    {"TIME", true}}};
  for (const auto& move : moves) {
    table.add({move.id, move.container, move.from, move.to, move.state,
               format_bytes(count(move.moved)), format_bytes(count(move.predicted_bytes)),
               short_duration(move.elapsed)});
  }
  return table.render();
}

}  // namespace

void PlainTable::add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const auto& cell : cells) row.push_back(safe(cell));
}

std::string PlainTable::render() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    std::size_t width = columns_of(headings_[i].text);
    for (const auto& row : rows_) width = std::max(width, columns_of(row[i]));
    widths.push_back(width);
  }
  std::string out;
  const auto cell = [&](std::size_t i, std::string_view text) {
    const std::string blanks(widths[i] - columns_of(text), ' ');
    const bool last = i + 1 == headings_.size();
    if (headings_[i].right) out += blanks;
    out += text;
    if (!headings_[i].right && !last) out += blanks;
    out += last ? "\n" : "  ";
  };
  for (std::size_t i = 0; i < headings_.size(); ++i) cell(i, headings_[i].text);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) cell(i, row[i]);
  }
  return out;
}

std::string render_plain(const TopData& data, const std::vector<std::size_t>& hosts,
                         const std::vector<ContainerPlace>& containers) {
  std::string out = summary(data) + hosts_table(data.view, hosts);
  if (!containers.empty()) out += '\n' + containers_table(data.view, containers);
  if (!data.moves.empty()) out += '\n' + moves_table(data.moves);
  return out;
}

}  // namespace plimsoll
