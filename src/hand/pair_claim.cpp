#include "hand/pair_claim.h"

#include <algorithm>
#include <ctime>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr std::int64_t unknown = 0;

/// rsync's generator ends the other side one time-out after it last heard of its receiver, which
/// may speak half a time-out after its last byte (check_timeout in io.c). Seen: 8 s with 4 s.
constexpr Duration other_side_lives(Duration stall) { return stall * 2 + Duration{2'000}; }

std::int64_t boot_clock_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

Result<void> note(const std::filesystem::path& file, std::int64_t until_ms) {
  return write_file_atomically(file, std::to_string(until_ms), 0600);
}

}  // namespace

Result<PairClaim> PairClaim::take(const std::filesystem::path& file) {
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  auto lock = FileLock::try_lock(file.string() + ".lock");
  if (!lock && lock.error().code == Errc::conflict) {
    return Error{Errc::conflict, "an earlier order still sends this folder; it ends by itself"};
  }
  if (!lock) return lock.error();
  return PairClaim{file, std::move(*lock)};
}

Duration PairClaim::patience(Duration stall) const {
  const auto text = read_file(file_, 64);
  if (!text && text.error().code == Errc::not_found) return Duration{0};
  const auto until_ms = text ? parse_number<std::int64_t>(*text).value_or(unknown) : unknown;
  if (until_ms == unknown) return other_side_lives(stall);
  return std::clamp(Duration{until_ms - boot_clock_ms()}, Duration{0}, Duration{3'600'000});
}

Result<void> PairClaim::begin() const { return note(file_, unknown); }

void PairClaim::end() const {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void PairClaim::cut(Duration stall) const {
  // Where it cannot be noted, `unknown` stays, which waits no less.
  const auto noted = note(file_, boot_clock_ms() + other_side_lives(stall).count());
  (void)noted;
}

}  // namespace plimsoll
