#include "decide/quiet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"

namespace plimsoll {
namespace {

using std::chrono::minutes;

constexpr int day_minutes = 24 * 60;
constexpr int week_days = 7;
constexpr int week_minutes = week_days * day_minutes;
constexpr std::size_t windows_max = 32;
constexpr std::array<std::string_view, week_days> day_names{"mon", "tue", "wed", "thu",
                                                            "fri", "sat", "sun"};

Error wrong(std::string_view window, const std::string& what) {
  return {Errc::malformed, fmt::format("quiet hours '{}': {}", printable(window), what)};
}

std::optional<int> day_of(std::string_view text) {
  const auto* found = std::find(day_names.begin(), day_names.end(), to_lower(trim(text)));
  if (found == day_names.end()) return std::nullopt;
  return static_cast<int>(found - day_names.begin());
}

/// "08:00" to "24:00" in minutes of the day.
std::optional<int> clock_of(std::string_view text) {
  text = trim(text);
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon > 2 || text.size() != colon + 3) return std::nullopt;
  const auto hour = parse_number<unsigned>(text.substr(0, colon));
  const auto minute = parse_number<unsigned>(text.substr(colon + 1));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const unsigned all = *hour * 60 + *minute;
  if (*hour > 24 || all > day_minutes) return std::nullopt;
  return static_cast<int>(all);
}

/// The bits of "Mon-Fri", around the end of the week too.
unsigned range_of(int first, int last) {
  unsigned days = 0;
  for (int day = first;; day = (day + 1) % week_days) {
    days |= 1U << static_cast<unsigned>(day);
    if (day == last) return days;
  }
}

Result<unsigned> days_of(std::string_view text, std::string_view window) {
  if (to_lower(text) == "daily") return range_of(0, week_days - 1);
  unsigned days = 0;
  for (const std::string_view piece : split(text, ',')) {
    const std::size_t dash = piece.find('-');
    const auto first = day_of(piece.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day_of(piece.substr(dash + 1));
    if (!first || !last) {
      return wrong(window, fmt::format("'{}' is no day: Mon, Tue, Wed, Thu, Fri, Sat, Sun, a range "
                                       "such as Mon-Fri, or daily",
                                       printable(piece)));
    }
    days |= range_of(*first, *last);
  }
  return days;
}

}  // namespace

WeekMinute week_minute(TimePoint now, minutes utc_offset) {
  const auto local = std::chrono::floor<minutes>(now) + utc_offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const unsigned weekday = std::chrono::weekday{day}.iso_encoding() - 1;
  return WeekMinute{static_cast<int>(weekday) * day_minutes +
                    static_cast<int>((local - day).count())};
}

Result<QuietHours::Window> QuietHours::parse_window(std::string_view text) {
  text = trim(text);
  const std::size_t space = text.find_last_of(" \t");
  if (space == std::string_view::npos) {
    return wrong(text, "days and hours are wanted, such as Mon-Fri 08:00-18:00");
  }
  const auto days = days_of(trim(text.substr(0, space)), text);
  if (!days) return days.error();
  const std::string_view hours = text.substr(space + 1);
  const std::size_t dash = hours.find('-');
  const auto from = clock_of(hours.substr(0, dash));
  const auto to = dash == std::string_view::npos ? std::nullopt : clock_of(hours.substr(dash + 1));
  if (!from || !to || *from == day_minutes) {
    return wrong(text, fmt::format("'{}' is no span of hours such as 08:00-18:00 or 22:00-06:00",
                                   printable(hours)));
  }
  if (*from == *to) return wrong(text, "it lasts no time; a whole day is 00:00-24:00");
  const int lasts = *to > *from ? *to - *from : *to + day_minutes - *from;
  return Window{printable(text), *days, *from, lasts};
}

Result<QuietHours> QuietHours::parse(std::string_view text) {
  QuietHours hours;
  const auto pieces = split(text, ';');
  if (pieces.size() > windows_max) {
    return Error{Errc::malformed,
                 fmt::format("quiet hours: more than {} windows in one text", windows_max)};
  }
  for (const std::string_view piece : pieces) {
    auto window = parse_window(piece);
    if (!window) return window.error();
    hours.windows_.push_back(std::move(*window));
  }
  return hours;
}

void QuietHours::add(const QuietHours& more) {
  windows_.insert(windows_.end(), more.windows_.begin(), more.windows_.end());
}

std::optional<QuietHours::Hit> QuietHours::find(WeekMinute at) const {
  std::optional<Hit> longest;
  for (const Window& window : windows_) {
    for (int day = 0; day < week_days; ++day) {
      if ((window.days >> static_cast<unsigned>(day) & 1U) == 0) continue;
      const int start = day * day_minutes + window.from;
      const int since = (static_cast<int>(at) - start + week_minutes) % week_minutes;
      if (since >= window.minutes) continue;
      const minutes left{window.minutes - since};
      if (!longest || left > longest->left) longest = Hit{window.text, left};
    }
  }
  return longest;
}

std::string describe(const QuietHours::Hit& hit) {
  return fmt::format("{}, {} more", hit.window, format_duration(Duration{hit.left}));
}

}  // namespace plimsoll
