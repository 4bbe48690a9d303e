#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace plimsoll {

/// A moment of the week by the clock on the wall.
/// Unit: minutes since Monday 00:00, 0-10079.
enum class WeekMinute : int {};

/// `utc_offset`: what that clock is ahead of UTC at `now`, summer time included. Whoever knows the
/// time zone says so anew for each decision, so that a change of the clock needs no care here.
[[nodiscard]] WeekMinute week_minute(TimePoint now, std::chrono::minutes utc_offset);

/// Hours of the week in which nothing is to start.
class QuietHours {
 public:
  /// "Mon-Fri 08:00-18:00", "Sat,Sun 00:00-24:00", "daily 22:00-06:00" (until the next morning);
  /// several with ';' between. An hour that the change of the clock leaves out or repeats is left
  /// out or repeated here too.
  /// Errors: malformed - with the piece that is not of that form; more than 32 windows.
  [[nodiscard]] static Result<QuietHours> parse(std::string_view text);

  void add(const QuietHours& more);
  [[nodiscard]] bool empty() const { return windows_.empty(); }

  /// The window that holds a moment.
  struct Hit {
    std::string window;         ///< As it was written.
    std::chrono::minutes left;  ///< Until it ends.
  };
  /// The one that lasts longest; absent: none does.
  [[nodiscard]] std::optional<Hit> find(WeekMinute at) const;

  friend bool operator==(const QuietHours&, const QuietHours&) = default;

 private:
  struct Window {
    std::string text;
    unsigned days = 0;  ///< Bit 0 is Monday.
    int from = 0;       ///< Minutes of the day.
    int minutes = 0;    ///< It lasts, at most a day.
    friend bool operator==(const Window&, const Window&) = default;
  };
  static Result<Window> parse_window(std::string_view text);
  std::vector<Window> windows_;
};

/// "Mon-Fri 08:00-18:00, 3 h 20 min more".
[[nodiscard]] std::string describe(const QuietHours::Hit& hit);

}  // namespace plimsoll
