#include "core/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text.h"

namespace plimsoll {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::year;
using std::chrono::year_month_day;

struct ClockTime {
  int hour = 0;
  int minute = 0;
  int second = 0;
};

Error bad(std::string_view text, const char* wanted) {
  return {Errc::malformed, fmt::format("'{}' is not {}", printable(text, 60), wanted)};
}

std::optional<ClockTime> parse_clock(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hour = parse_number<int>(text.substr(0, 2));
  const auto minute = parse_number<int>(text.substr(3, 2));
  const auto second = parse_number<int>(text.substr(6, 2));
  if (!hour || !minute || !second) return std::nullopt;
  // 60 is a leap second; the clock that counts them not shows it as the next second.
  if (*hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0 || *second > 60) {
    return std::nullopt;
  }
  return ClockTime{*hour, *minute, *second};
}

std::optional<TimePoint> make_time(int y, unsigned m, unsigned d, ClockTime clock) {
  const year_month_day date{year{y}, month{m}, day{d}};
  if (!date.ok() || y < 1970 || y > 9999) return std::nullopt;
  return TimePoint{std::chrono::sys_days{date}} + hours{clock.hour} + minutes{clock.minute} +
         std::chrono::seconds{clock.second};
}

std::optional<Duration> parse_fraction(std::string_view digits) {
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  const auto value = parse_number<std::uint32_t>(digits);
  if (!value) return std::nullopt;
  double scaled = *value;
  for (std::size_t i = 0; i < digits.size(); ++i) scaled /= 10.0;
  return Duration{static_cast<std::int64_t>(scaled * 1000.0 + 1e-6)};
}

}  // namespace

TimePoint wall_clock_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::string format_rfc3339(TimePoint time) {
  const auto midnight = std::chrono::floor<days>(time);
  const year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{time - midnight};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
  const auto fail = [&] { return bad(text, "an RFC 3339 time in UTC"); };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
      text.back() != 'Z') {
    return fail();
  }
  const auto y = parse_number<int>(text.substr(0, 4));
  const auto m = parse_number<unsigned>(text.substr(5, 2));
  const auto d = parse_number<unsigned>(text.substr(8, 2));
  const auto clock = parse_clock(text.substr(11, 8));
  if (!y || !m || !d || !clock) return fail();
  const auto time = make_time(*y, *m, *d, *clock);
  if (!time) return fail();
  if (text.size() == 20) return *time;
  if (text[19] != '.') return fail();
  const auto fraction = parse_fraction(text.substr(20, text.size() - 21));
  if (!fraction) return fail();
  return *time + *fraction;
}

Result<TimePoint> parse_asctime(std::string_view text) {
  constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto fail = [&] { return bad(text, "a time such as 'Fri Jul 28 19:17:04 2023'"); };
  // Fixed columns; a day of one digit is padded with a space.
  if (text.size() != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ') {
    return fail();
  }
  const auto name = std::ranges::find(names, text.substr(4, 3));
  const auto d = parse_number<unsigned>(trim(text.substr(8, 2)));
  const auto clock = parse_clock(text.substr(11, 8));
  const auto y = parse_number<int>(text.substr(20, 4));
  if (name == names.end() || !d || !clock || !y) return fail();
  const auto time = make_time(*y, static_cast<unsigned>(name - names.begin()) + 1, *d, *clock);
  if (!time) return fail();
  return *time;
}

Result<Duration> parse_duration(std::string_view text) {
  const auto fail = [&] { return bad(text, "a duration such as 250ms, 5s, 3m, 24h or 7d"); };
  const auto digits = text.find_first_not_of("0123456789.");
  if (digits == 0 || digits == std::string_view::npos) return fail();
  const auto value = parse_number<double>(text.substr(0, digits));
  const std::string_view unit = text.substr(digits);
  double scale = 0;
  if (unit == "ms") scale = 1;
  if (unit == "s") scale = 1e3;
  if (unit == "m") scale = 60e3;
  if (unit == "h") scale = 3600e3;
  if (unit == "d") scale = 86400e3;
  constexpr double ten_years_ms = 10 * 366 * 86400e3;
  if (!value || scale == 0 || *value * scale > ten_years_ms) return fail();
  return Duration{std::llround(*value * scale)};
}

std::string format_duration(Duration duration) {
  const auto ms = duration.count();
  if (ms < 0) return "-" + format_duration(-duration);
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 59'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000.0);
  const auto s = (ms + 500) / 1000;
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  if (s < 2L * 86400) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

}  // namespace plimsoll
