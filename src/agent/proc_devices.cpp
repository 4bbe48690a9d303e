#include "agent/proc_devices.h"

#include <array>
#include <limits>
#include <optional>

#include "agent/scan.h"

namespace plimsoll {
namespace {

constexpr std::uint64_t sector_bytes = 512;

template <std::size_t count>
std::optional<std::array<std::uint64_t, count>> take_numbers(std::string_view line) {
  std::array<std::uint64_t, count> numbers{};
  for (auto& number : numbers) {
    const auto taken = take_number<std::uint64_t>(line);
    if (!taken) return std::nullopt;
    number = *taken;
  }
  return numbers;
}

template <std::size_t count>
bool starts_with_any(std::string_view text, const std::array<std::string_view, count>& starts) {
  return std::ranges::any_of(starts,
                             [&](std::string_view start) { return text.starts_with(start); });
}

}  // namespace

std::vector<DiskCounters> parse_diskstats(std::string_view text) {
  std::vector<DiskCounters> disks;
  each_line(text, [&](std::string_view line) {
    take_word(line);
    take_word(line);
    const auto name = take_word(line);
    // reads merged sectors ms, writes merged sectors ms, in flight, busy ms
    const auto n = take_numbers<10>(line);
    if (!n) return;
    disks.push_back({std::string{name}, (*n)[0], (*n)[2] * sector_bytes, (*n)[4],
                     (*n)[6] * sector_bytes, (*n)[9]});
  });
  return disks;
}

bool is_real_disk_name(std::string_view device) {
  static constexpr std::array<std::string_view, 8> starts{"loop", "ram", "zram", "dm-",
                                                          "md",   "sr",  "fd",   "nbd"};
  return !starts_with_any(device, starts);
}

std::vector<NicCounters> parse_net_dev(std::string_view text) {
  std::vector<NicCounters> nics;
  each_line(text, [&](std::string_view line) {
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) return;
    // 8 numbers of receiving (bytes packets errs drop ...), then 8 of sending.
    const auto n = take_numbers<16>(line.substr(colon + 1));
    if (!n) return;
    nics.push_back({std::string{trim(line.substr(0, colon))}, (*n)[0], (*n)[3], (*n)[8], (*n)[11]});
  });
  return nics;
}

bool is_inner_nic(std::string_view name) {
  static constexpr std::array<std::string_view, 6> starts{"docker", "br-",    "veth",
                                                          "virbr",  "podman", "cni"};
  return name == "lo" || starts_with_any(name, starts);
}

std::string parse_default_nic(std::string_view text) {
  std::string best;
  auto best_metric = std::numeric_limits<std::uint64_t>::max();
  take_line(text);
  each_line(text, [&](std::string_view line) {
    const auto name = take_word(line);
    const auto destination = take_word(line);
    for (int skipped = 0; skipped < 4; ++skipped) take_word(line);  // gateway flags refcount use
    const auto metric = take_number<std::uint64_t>(line);
    const auto mask = take_word(line);
    if (destination != "00000000" || mask != "00000000" || !metric || *metric >= best_metric)
      return;
    best = name;
    best_metric = *metric;
  });
  return best;
}

}  // namespace plimsoll
