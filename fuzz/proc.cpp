// Files of /proc and of cgroups, versions 1 and 2: each input is read as each of them.
#include <algorithm>
#include <cmath>

#include "agent/cgroup_files.h"
#include "agent/mounts.h"
#include "agent/proc_devices.h"
#include "agent/proc_memory.h"
#include "agent/proc_stat.h"
#include "fuzz.h"

namespace plimsoll::fuzz {
namespace {

template <class T>
bool good(const Result<T>& answer) {
  if (!answer) require_fit_to_print(answer.error().message);
  return answer.has_value();
}

std::size_t lines_of(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

void check_stat(std::string_view text) {
  const auto stat = parse_proc_stat(text);
  if (!good(stat)) return;
  require(!stat->cores.empty() && stat->cores.size() <= lines_of(text), "cores");
  const auto modes = cpu_modes(CpuTicks{}, stat->ticks);
  if (!modes) return;
  const double used = used_percent(*modes);
  require(std::isfinite(used) && used >= 0 && used <= 100.001, "use is no percentage");
}

void check_memory(std::string_view text) {
  if (const auto memory = parse_meminfo(text); good(memory)) {
    require(memory->total > 0 && memory->available <= memory->total,
            "more available than there is");
    if (memory->swap_used) require(*memory->swap_used <= *memory->swap_total, "swap");
  }
  if (const auto pressure = parse_pressure(text); good(pressure)) {
    const auto& some = pressure->averages.some;
    for (const double share : {some.avg10, some.avg60, some.avg300}) {
      require(share >= 0 && share <= 100, "pressure is no percentage");
    }
  }
  if (const auto load = parse_loadavg(text); good(load)) {
    for (const double value : {load->load1, load->load5, load->load15}) {
      require(std::isfinite(value) && value >= 0, "a load that cannot be");
    }
  }
}

void check_devices(std::string_view text) {
  const auto any = [](const std::string& name) { return !name.empty(); };
  require(parse_diskstats(text, any).size() <= lines_of(text), "more disks than lines");
  require(parse_net_dev(text, any).size() <= lines_of(text), "more interfaces than lines");
  static_cast<void>(parse_default_nic(text));
  const auto mounts = parse_mountinfo(text);
  require(mounts.size() <= lines_of(text), "more mounts than lines");
  const auto shown = data_filesystems(mounts);
  require(shown.size() <= mounts.size(), "more file systems than mounts");
  static_cast<void>(std::ranges::count_if(mounts, is_local));
  static_cast<void>(mount_of(mounts, "/var/lib/docker"));
}

void check_cgroup(std::string_view text) {
  static_cast<void>(parse_blkio_bytes(text));
  static_cast<void>(parse_io_stat(text));
  const auto [quota, period] =
      std::pair{text.substr(0, text.find('\n')), text.substr(text.size() / 2)};
  for (const auto& cores : {parse_cpu_max(text), quota_cores(quota, period)}) {
    if (cores) require(std::isfinite(*cores) && *cores > 0, "a limit that is none");
  }
  static_cast<void>(parse_memory_limit(text));
  for (const auto& [controller, path] : parse_proc_cgroup(text)) {
    require(path.starts_with('/') && !path.starts_with("/.."), "a path outside of the tree");
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = plimsoll::fuzz::as_text(data, size);
  plimsoll::fuzz::check_stat(text);
  plimsoll::fuzz::check_memory(text);
  plimsoll::fuzz::check_devices(text);
  plimsoll::fuzz::check_cgroup(text);
  return 0;
}
