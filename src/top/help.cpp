#include "top/help.h"

#include <array>
#include <utility>

#include "terminal/glyphs.h"

namespace plimsoll {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array<Entry, 27> entries{{
    {"", "Around"},
    {"j k ↓ ↑", "next, previous row"},
    {"PgDn PgUp", "a page; also Ctrl-F Ctrl-B"},
    {"g G", "first, last; also Home End"},
    {"Enter →", "open the chosen host"},
    {"Esc ←", "back; a filter goes first"},
    {"Tab", "next host; Shift-Tab: back"},
    {"c", "containers of all hosts"},
    {"", "What is shown"},
    {"/", "filter: name part or regex"},
    {"", "  ! in front: the others;"},
    {"", "  Enter keeps, Esc clears"},
    {"f", "only over, near and silent"},
    {"s", "sort by the next column"},
    {"L C M D N", "level CPU memory disk name;"},
    {"", "  once more: reversed"},
    {"r", "reverse the order"},
    {"p Space", "pause, go on"},
    {"q Ctrl-C", "quit; Ctrl-L: redraw"},
    {"", "Marks"},
    {"!", "over its line"},
    {"~", "near it: above 90 %"},
    {"?", "silent: no new telemetry"},
    {"│ |", "in a bar: the line"},
    {"OF LINE", "mean load, 100 % its line"},
    {"CPU MEM …", "of the newest sample"},
    {"AGE", "of that sample"},
}};

}  // namespace

std::vector<std::string> help_lines(std::size_t columns) {
  const std::size_t key_columns = columns < 60 ? 10 : 14;
  std::vector<std::string> lines;
  for (const auto& [key, text] : entries) {
    const bool heading = key.empty() && !text.starts_with(' ');
    if (heading) {
      if (!lines.empty()) lines.emplace_back();
      lines.emplace_back(text);
      continue;
    }
    const std::size_t shown = columns_of(key);
    const std::size_t blanks = shown < key_columns ? key_columns - shown : 1;
    lines.push_back("  " + std::string{key} + std::string(blanks, ' ') + std::string{text});
  }
  return lines;
}

}  // namespace plimsoll
