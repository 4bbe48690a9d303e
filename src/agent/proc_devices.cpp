#include "agent/proc_devices.h"

#include <array>
#include <limits>
#include <optional>

#include "agent/scan.h"

namespace plimsoll {
namespace {

/// As many numbers as there are, at least `least`.
template <std::size_t count>
bool take_numbers(std::string_view line, std::size_t least,
                  std::array<std::uint64_t, count>& numbers) {
  std::size_t taken = 0;
  for (auto& number : numbers) {
    const auto next = take_number<std::uint64_t>(line);
    if (!next) break;
    number = *next;
    ++taken;
  }
  return taken >= least;
}

template <std::size_t count>
bool starts_with_any(std::string_view text, const std::array<std::string_view, count>& starts) {
  return std::ranges::any_of(starts,
                             [&](std::string_view start) { return text.starts_with(start); });
}

}  // namespace

std::vector<DiskCounters> parse_diskstats(std::string_view text, const NamePredicate& wanted) {
  constexpr std::size_t in_all_kernels = 11;
  std::vector<DiskCounters> disks;
  each_line(text, [&](std::string_view line) {
    take_word(line);
    take_word(line);
    DiskCounters disk;
    disk.name = take_word(line);
    if (!wanted(disk.name) || !take_numbers(line, in_all_kernels, disk.figures)) return;
    disks.push_back(std::move(disk));
  });
  return disks;
}

bool is_real_disk_name(std::string_view device) {
  static constexpr std::array<std::string_view, 8> starts{"loop", "ram", "zram", "dm-",
                                                          "md",   "sr",  "fd",   "nbd"};
  return !starts_with_any(device, starts);
}

std::vector<NicCounters> parse_net_dev(std::string_view text, const NamePredicate& wanted) {
  std::vector<NicCounters> nics;
  each_line(text, [&](std::string_view line) {
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) return;
    NicCounters nic;
    nic.name = trim(line.substr(0, colon));
    if (!wanted(nic.name) || !take_numbers(line.substr(colon + 1), nic.figures.size(), nic.figures))
      return;
    nics.push_back(std::move(nic));
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
