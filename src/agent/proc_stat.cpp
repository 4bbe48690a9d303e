#include "agent/proc_stat.h"

#include <array>

#include "agent/scan.h"

namespace plimsoll {
namespace {

bool read_ticks(std::string_view line, CpuTicks& out) {
  const std::array<std::uint64_t*, 8> fields{&out.user,   &out.nice, &out.system,  &out.idle,
                                             &out.iowait, &out.irq,  &out.softirq, &out.steal};
  for (auto* field : fields) {
    const auto number = take_number<std::uint64_t>(line);
    if (!number) return false;
    *field = *number;
  }
  return true;
}

CoreCounters read_core(std::string_view number, std::string_view line) {
  CoreCounters core;
  core.name = number;
  for (auto& figure : core.figures) figure = take_number<std::uint64_t>(line).value_or(0);
  return core;
}

std::uint64_t grown(std::uint64_t before, std::uint64_t after) {
  return after > before ? after - before : 0;
}

}  // namespace

Result<ProcStat> parse_proc_stat(std::string_view text) {
  ProcStat stat;
  bool found = false;
  while (text.starts_with("cpu")) {
    auto line = take_line(text);
    const auto name = take_word(line);
    if (name == "cpu") {
      found = read_ticks(line, stat.ticks);
    } else {
      stat.cores.push_back(read_core(name.substr(3), line));
    }
  }
  if (!found) return Error{Errc::malformed, "/proc/stat: no 'cpu' line with 8 numbers"};
  if (stat.cores.empty()) return Error{Errc::malformed, "/proc/stat: no core is listed"};
  return stat;
}

std::optional<CpuModes> cpu_modes(const CpuTicks& before, const CpuTicks& after) {
  const CpuTicks d{grown(before.user, after.user),       grown(before.nice, after.nice),
                   grown(before.system, after.system),   grown(before.idle, after.idle),
                   grown(before.iowait, after.iowait),   grown(before.irq, after.irq),
                   grown(before.softirq, after.softirq), grown(before.steal, after.steal)};
  const std::uint64_t busy = d.user + d.nice + d.system + d.irq + d.softirq + d.steal;
  const std::uint64_t total = busy + d.idle + d.iowait;
  if (total == 0 || after.user + after.idle < before.user + before.idle) return std::nullopt;
  const auto share = [&](std::uint64_t ticks) {
    return static_cast<double>(ticks) / static_cast<double>(total) * 100.0;
  };
  return CpuModes{share(d.user),   share(d.nice), share(d.system),  share(d.idle),
                  share(d.iowait), share(d.irq),  share(d.softirq), share(d.steal)};
}

double used_percent(const CpuModes& modes) {
  return std::clamp(100.0 - modes.idle - modes.iowait, 0.0, 100.0);
}

}  // namespace plimsoll
