#include "agent/machine_sampler.h"

#include "agent/proc_memory.h"
#include "agent/rate.h"

namespace plimsoll {
namespace {

CpuModes trimmed_modes(const CpuModes& m) {
  return {trimmed(m.user),   trimmed(m.nice), trimmed(m.system),  trimmed(m.idle),
          trimmed(m.iowait), trimmed(m.irq),  trimmed(m.softirq), trimmed(m.steal)};
}

}  // namespace

MachineSampler::MachineSampler(const HostFs& fs, OpenFiles& open_files) {
  const auto kept = [&](std::string_view path) { return KeptFile{fs.at(path), open_files}; };
  stat_ = kept("/proc/stat");
  meminfo_ = kept("/proc/meminfo");
  loadavg_ = kept("/proc/loadavg");
  cpu_pressure_ = kept("/proc/pressure/cpu");
  memory_pressure_ = kept("/proc/pressure/memory");
  io_pressure_ = kept("/proc/pressure/io");
  vmstat_ = kept("/proc/vmstat");
  netstat_ = kept(fs.net_path("netstat"));
  snmp_ = kept(fs.net_path("snmp"));
  sockstat_ = kept(fs.net_path("sockstat"));
  file_nr_ = kept("/proc/sys/fs/file-nr");
  entropy_ = kept("/proc/sys/kernel/random/entropy_avail");
}

Result<ProcStat> MachineSampler::read_stat(ReadBuffer& buffer, Figures* figures) {
  const auto text = stat_.read(buffer);
  if (!text) return Error{Errc::not_found, "/proc/stat: cannot be read"};
  if (figures != nullptr) read_stat_figures(*text, *figures);
  return parse_proc_stat(*text);
}

Result<void> MachineSampler::sample_memory(ReadBuffer& buffer, HostReading& out, Figures& figures) {
  const auto text = meminfo_.read(buffer).value_or("");
  const auto memory = parse_meminfo(text);
  if (!memory) return memory.error();
  out.memory = *memory;
  read_meminfo_figures(text, figures);
  return {};
}

Result<void> MachineSampler::sample(ReadBuffer& buffer, HostReading& out,
                                    KernelCounters& counters) {
  auto stat = read_stat(buffer, &counters.figures);
  if (!stat) return stat.error();
  const auto memory = sample_memory(buffer, out, counters.figures);
  if (!memory) return memory.error();
  put_load(buffer, out);
  put_pressure(buffer, out, counters.pressure);
  put_figures(buffer, counters.figures);
  out.cpu.cores = static_cast<double>(stat->cores.size());
  counters.cores = std::move(stat->cores);
  const auto before = std::exchange(ticks_, stat->ticks);
  if (!before) return Error{Errc::not_found, "/proc/stat: no previous sample to compare with yet"};
  const auto modes = cpu_modes(*before, stat->ticks);
  if (!modes) return Error{Errc::conflict, "/proc/stat: the counters stand still or went back"};
  out.cpu.percent = trimmed(used_percent(*modes));
  out.cpu.modes = trimmed_modes(*modes);
  return {};
}

void MachineSampler::put_load(ReadBuffer& buffer, HostReading& out) {
  const auto load = parse_loadavg(loadavg_.read(buffer).value_or(""));
  if (!load) return;
  out.cpu.load1 = load->load1;
  out.cpu.load5 = load->load5;
  out.cpu.load15 = load->load15;
}

void MachineSampler::put_pressure(ReadBuffer& buffer, HostReading& out, PressureTotals& totals) {
  const auto read = [&](KeptFile& from, std::optional<Pressure>& averages, StallTotals& total) {
    const auto file = parse_pressure(from.read(buffer).value_or(""));
    if (!file) return;
    averages = file->averages;
    total = file->totals;
  };
  read(cpu_pressure_, out.pressure.cpu, totals.cpu);
  read(memory_pressure_, out.pressure.memory, totals.memory);
  read(io_pressure_, out.pressure.io, totals.io);
}

void MachineSampler::put_figures(ReadBuffer& buffer, Figures& out) {
  read_vmstat_figures(vmstat_.read(buffer).value_or(""), out);
  read_netstat_figures(netstat_.read(buffer).value_or(""), out);
  read_netstat_figures(snmp_.read(buffer).value_or(""), out);
  read_sockstat_figures(sockstat_.read(buffer).value_or(""), out);
  read_file_nr_figures(file_nr_.read(buffer).value_or(""), out);
  read_entropy_figure(entropy_.read(buffer).value_or(""), out);
}

Result<MachineSampler::Capacity> MachineSampler::capacity(ReadBuffer& buffer) {
  const auto stat = read_stat(buffer, nullptr);
  if (!stat) return stat.error();
  const auto memory = parse_meminfo(meminfo_.read(buffer).value_or(""));
  if (!memory) return memory.error();
  return Capacity{static_cast<int>(stat->cores.size()), memory->total};
}

}  // namespace plimsoll
