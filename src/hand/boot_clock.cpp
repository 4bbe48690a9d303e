#include "hand/boot_clock.h"

#include <ctime>

namespace plimsoll {

Duration boot_clock_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds{now.tv_sec} +
         std::chrono::duration_cast<Duration>(std::chrono::nanoseconds{now.tv_nsec});
}

void sleep_until_boot_time(Duration when) {
  timespec until{};
  until.tv_sec = when.count() / 1000;
  until.tv_nsec = when.count() % 1000 * 1'000'000;
  ::clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, nullptr);
}

}  // namespace plimsoll
