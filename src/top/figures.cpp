#include "top/figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "top/order.h"

namespace plimsoll {

std::string percent_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.1f}", *value) : "-";
}

std::string short_duration(Duration duration) {
  const auto s = std::max<Duration::rep>(0, duration.count()) / 1000;
  constexpr Duration::rep minute = 60;
  constexpr Duration::rep hour = 60 * minute;
  if (s < 100) return fmt::format("{} s", s);
  if (s < 100 * minute) return fmt::format("{} min", s / minute);
  if (s < 48 * hour) return fmt::format("{} h", s / hour);
  return fmt::format("{} d", s / (24 * hour));
}

std::string age_text(const HostRow& row) {
  return row.assessed.age ? short_duration(*row.assessed.age) : "never";
}

std::string level_text(const HostRow& row) {
  if (!row.up || !row.assessed.level) return "-";
  return fmt::format("{:.0f} %", *row.assessed.level * 100);
}

std::string skew_text(const HostRow& row) {
  return row.clock_skew_s ? fmt::format("{:+.1f} s", *row.clock_skew_s) : "-";
}

std::string memory_text(const std::optional<Bytes>& memory) {
  return memory ? format_bytes(count(*memory)) : "-";
}

std::string_view state_word(const HostRow& row) {
  if (!row.up) return row.assessed.age ? "silent" : "never";
  if (row.assessed.over_line) return "over";
  return needs_a_look(row) ? "near" : "ok";
}

std::string_view sign_of(const HostRow& row) {
  if (!row.up) return "?";
  if (row.assessed.over_line) return "!";
  return needs_a_look(row) ? "~" : " ";
}

std::string silence_text(const HostRow& row) {
  const std::string since = row.assessed.age ? "silent " + age_text(row) : "never seen";
  // Its message says all there is to say.
  if (row.error_class.empty() || row.error_class == "not_polled") return since + "  " + row.error;
  return since + "  " + row.error_class + ": " + row.error;
}

Colour level_colour(double level, bool over_line) {
  if (over_line) return Colour::over;
  return level > near_level ? Colour::near : Colour::calm;
}

HostCounts count_hosts(const FleetView& view) {
  HostCounts counts;
  counts.all = view.rows.size();
  for (const auto& row : view.rows) {
    if (!row.up) {
      ++counts.silent;
      continue;
    }
    ++counts.up;
    if (row.assessed.over_line) ++counts.over;
  }
  return counts;
}

std::string clock_text(TimePoint time) { return format_rfc3339(time).substr(11, 8); }

}  // namespace plimsoll
