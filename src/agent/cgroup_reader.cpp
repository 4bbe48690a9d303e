#include "agent/cgroup_reader.h"

#include <algorithm>

#include "agent/proc_memory.h"
#include "agent/scan.h"

namespace plimsoll {
namespace {

constexpr const char* recursive_blkio = "blkio.throttle.io_service_bytes_recursive";
constexpr const char* plain_blkio = "blkio.throttle.io_service_bytes";

std::optional<std::uint64_t> number_in(const std::optional<std::string_view>& text) {
  return text ? whole_value(*text) : std::nullopt;
}

/// Names of the lines of memory.stat.
struct MemoryKeys {
  std::string_view cache, anonymous, inactive;
};

void read_memory_stat(std::string_view text, const MemoryKeys& keys, CgroupUse& out) {
  std::optional<std::uint64_t> inactive;
  each_line(text, [&](std::string_view line) {
    const auto key = take_word(line);
    if (key == keys.cache) out.memory_cache = take_number<std::uint64_t>(line);
    if (key == keys.anonymous) out.memory_anonymous = take_number<std::uint64_t>(line);
    if (key == keys.inactive) inactive = take_number<std::uint64_t>(line);
  });
  if (!out.memory_usage || !inactive) return;
  out.memory_working_set = *out.memory_usage - std::min(*inactive, *out.memory_usage);
}

std::optional<std::uint64_t> nanoseconds(std::optional<std::uint64_t> microseconds) {
  if (!microseconds) return std::nullopt;
  return *microseconds * 1'000;
}

}  // namespace

CgroupReader::CgroupReader(const HostFs& fs, const CgroupPaths& paths, CgroupLayout layout,
                           OpenFiles& open_files)
    : layout_(layout) {
  const auto kept = [&](const std::string& directory, const char* name) {
    return directory.empty() ? KeptFile{} : KeptFile{fs.at(directory + "/" + name), open_files};
  };
  // Without the controller, version 2 still has a cpu.stat, with the use and no more.
  cpu_usage_ = kept(paths.cpuacct, layout.cpuacct ? "cpu.stat" : "cpuacct.usage");
  if (paths.cpu != paths.cpuacct || !layout.cpuacct) cpu_stat_ = kept(paths.cpu, "cpu.stat");
  memory_usage_ = kept(paths.memory, layout.memory ? "memory.current" : "memory.usage_in_bytes");
  memory_stat_ = kept(paths.memory, "memory.stat");
  memory_events_ = kept(paths.memory, layout.memory ? "memory.events" : "memory.oom_control");
  const bool recursive = fs.exists(paths.blkio + "/" + recursive_blkio);
  block_ = kept(paths.blkio, layout.blkio ? "io.stat" : recursive ? recursive_blkio : plain_blkio);
  cpu_pressure_ = kept(paths.unified, "cpu.pressure");
  memory_pressure_ = kept(paths.unified, "memory.pressure");
  io_pressure_ = kept(paths.unified, "io.pressure");
}

void CgroupReader::read_cpu(ReadBuffer& buffer, CgroupUse& out) {
  const auto put_throttling = [&](std::string_view stat) {
    out.periods = value_of(stat, "nr_periods");
    out.throttled_periods = value_of(stat, "nr_throttled");
    out.throttled_ns = layout_.cpu ? nanoseconds(value_of(stat, "throttled_usec"))
                                   : value_of(stat, "throttled_time");
  };
  const auto usage = cpu_usage_.read(buffer);
  if (layout_.cpuacct && usage) {
    out.cpu_ns = nanoseconds(value_of(*usage, "usage_usec"));
    put_throttling(*usage);
  } else {
    out.cpu_ns = number_in(usage);
  }
  const auto stat = cpu_stat_.read(buffer);
  if (stat) put_throttling(*stat);
}

void CgroupReader::read_memory(ReadBuffer& buffer, CgroupUse& out) {
  static constexpr MemoryKeys v1{"total_cache", "total_rss", "total_inactive_file"};
  static constexpr MemoryKeys v2{"file", "anon", "inactive_file"};
  out.memory_usage = number_in(memory_usage_.read(buffer));
  const auto stat = memory_stat_.read(buffer);
  if (stat) read_memory_stat(*stat, layout_.memory ? v2 : v1, out);
  const auto events = memory_events_.read(buffer);
  if (events) out.oom_kills = value_of(*events, "oom_kill");
}

void CgroupReader::read_block(ReadBuffer& buffer, CgroupUse& out) {
  const auto text = block_.read(buffer);
  if (text) out.block = layout_.blkio ? parse_io_stat(*text) : parse_blkio_bytes(*text);
}

void CgroupReader::read_pressure(ReadBuffer& buffer, CgroupUse& out) {
  const auto read = [&](KeptFile& from, std::optional<Pressure>& averages, StallTotals& totals) {
    const auto file = parse_pressure(from.read(buffer).value_or(""));
    if (!file) return;
    averages = file->averages;
    totals = file->totals;
  };
  read(cpu_pressure_, out.pressure.cpu, out.pressure_totals.cpu);
  read(memory_pressure_, out.pressure.memory, out.pressure_totals.memory);
  read(io_pressure_, out.pressure.io, out.pressure_totals.io);
}

CgroupUse CgroupReader::read(ReadBuffer& buffer) {
  CgroupUse out;
  read_cpu(buffer, out);
  read_memory(buffer, out);
  read_block(buffer, out);
  read_pressure(buffer, out);
  return out;
}

}  // namespace plimsoll
