#include "agent/sampler.h"

#include <sys/utsname.h>

#include <algorithm>

#include "agent/proc_memory.h"
#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::chrono::seconds refresh_every{10};

std::string machine_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.machine : "";
}

std::string first_line(const HostFs& fs, std::string_view path) {
  return printable(trim(fs.try_read(path).value_or("")));
}

CpuModes trimmed_modes(const CpuModes& m) {
  return {trimmed(m.user),   trimmed(m.nice), trimmed(m.system),  trimmed(m.idle),
          trimmed(m.iowait), trimmed(m.irq),  trimmed(m.softirq), trimmed(m.steal)};
}

}  // namespace

Sampler::Sampler(const HostFs& fs, std::string scope, std::string agent_version)
    : fs_(fs), scope_(std::move(scope)), tree_(fs), devices_(fs), containers_(fs) {
  constant_.agent_version = std::move(agent_version);
}

Result<HostReading> Sampler::sample(const DockerView& docker, Moment now) {
  refresh(now.monotonic);
  const auto interval = sampled_at_ ? now.monotonic - *sampled_at_ : std::chrono::nanoseconds{0};
  const bool first = !sampled_at_.has_value();
  sampled_at_ = now.monotonic;
  HostReading out = constant_;
  out.sampled_at = now.wall;
  out.interval = std::chrono::duration_cast<Duration>(interval);
  const auto host = scope_.empty() ? sample_machine(out) : sample_slice(interval, out);
  put_pressure(out);
  if (scope_.empty()) out.disks = devices_.disks(interval);
  out.nics = devices_.nics(interval);
  out.filesystems = devices_.filesystems();
  out.containers = containers_.sample(tree_, docker, out.cpu.cores, now.monotonic);
  put_facts(docker, out);
  if (!host) return host.error();
  if (first) return Error{Errc::not_found, "no previous sample to compare with yet"};
  return out;
}

void Sampler::refresh(Monotonic now) {
  if (refreshed_at_ && now - *refreshed_at_ < refresh_every) return;
  refreshed_at_ = now;
  mounts_ = parse_mountinfo(fs_.try_read(fs_.mountinfo_path()).value_or(""));
  tree_.probe(mounts_);
  devices_.refresh(mounts_);
  constant_.boot_id = first_line(fs_, "/proc/sys/kernel/random/boot_id");
  constant_.address = devices_.address();
  constant_.facts.hostname = first_line(fs_, "/proc/sys/kernel/hostname");
  constant_.facts.kernel = first_line(fs_, "/proc/sys/kernel/osrelease");
  constant_.facts.architecture = machine_name();
  constant_.facts.cgroup_version = tree_.version();
}

Result<void> Sampler::sample_machine(HostReading& out) {
  const auto text = fs_.read("/proc/stat");
  if (!text) return text.error();
  const auto stat = parse_proc_stat(*text);
  if (!stat) return stat.error();
  const auto memory = parse_meminfo(fs_.try_read("/proc/meminfo").value_or(""));
  if (!memory) return memory.error();
  out.memory = *memory;
  out.cpu.cores = stat->cores;
  if (const auto load = parse_loadavg(fs_.try_read("/proc/loadavg").value_or(""))) {
    out.cpu.load1 = load->load1;
    out.cpu.load5 = load->load5;
    out.cpu.load15 = load->load15;
  }
  const auto before = std::exchange(ticks_, stat->ticks);
  if (!before) return {};
  const auto modes = cpu_modes(*before, stat->ticks);
  if (!modes) return Error{Errc::conflict, "/proc/stat: the counters stand still or went back"};
  out.cpu.percent = trimmed(used_percent(*modes));
  out.cpu.modes = trimmed_modes(*modes);
  return {};
}

Result<void> Sampler::sample_slice(std::chrono::nanoseconds interval, HostReading& out) {
  const auto paths = tree_.named(scope_);
  const CgroupUse use = tree_.use(paths);
  if (!use.cpu_ns || !use.memory_usage) {
    return Error{Errc::not_found, "agent.scope: no cgroup '" + scope_ +
                                      "' with CPU and memory figures on this host"};
  }
  const auto stat = parse_proc_stat(fs_.try_read("/proc/stat").value_or(""));
  const auto machine = parse_meminfo(fs_.try_read("/proc/meminfo").value_or(""));
  if (!stat) return stat.error();
  if (!machine) return machine.error();
  const CgroupLimits limits = tree_.limits(paths);
  out.cpu.cores = std::min(limits.cores.value_or(stat->cores), static_cast<double>(stat->cores));
  out.memory.total = std::min(limits.memory.value_or(machine->total), machine->total);
  const auto used = use.memory_working_set.value_or(*use.memory_usage);
  out.memory.available = out.memory.total - std::min(used, out.memory.total);
  out.memory.cache = use.memory_cache;
  const auto before = std::exchange(slice_cpu_ns_, use.cpu_ns);
  if (!before) return {};
  const auto ns_per_s = rate(before, use.cpu_ns, interval);
  if (!ns_per_s) return Error{Errc::conflict, "agent.scope: the cgroup was made anew"};
  out.cpu.percent = trimmed(std::clamp(*ns_per_s / 1e7 / out.cpu.cores, 0.0, 100.0));
  return {};
}

void Sampler::put_pressure(HostReading& out) const {
  if (!scope_.empty()) {
    out.pressure = tree_.use(tree_.named(scope_)).pressure;
    return;
  }
  const auto read = [&](std::string_view path) -> std::optional<Pressure> {
    const auto text = fs_.try_read(path);
    if (!text) return std::nullopt;
    const auto pressure = parse_pressure(*text);
    return pressure ? std::optional{*pressure} : std::nullopt;
  };
  out.pressure = {read("/proc/pressure/cpu"), read("/proc/pressure/memory"),
                  read("/proc/pressure/io")};
}

void Sampler::put_facts(const DockerView& docker, HostReading& out) const {
  out.facts.docker_version = docker.version;
  out.facts.storage_driver = docker.storage_driver;
  if (!docker.root_dir.empty() && is_on_local_filesystem(mounts_, docker.root_dir)) {
    if (const auto space = fs_.space(docker.root_dir)) {
      out.facts.docker_root_free_bytes = space->available;
    }
  }
  if (!docker.warning.empty()) out.warnings.push_back(printable(docker.warning, 400));
  if (out.nics.empty()) return;
  std::uint64_t dropped = 0;
  for (const auto& nic : out.nics) dropped += nic.tx_dropped;
  out.tx_dropped = dropped;
}

}  // namespace plimsoll
