#include "agent/sampler.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::chrono::seconds refresh_every{10};
/// Of the process's descriptors, left to connections and the rest.
constexpr rlim_t kept_for_others = 512;
constexpr rlim_t kept_open_max = 16'384;

std::string machine_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.machine : "";
}

std::string first_line(const HostFs& fs, std::string_view path) {
  return printable(trim(fs.try_read(path).value_or("")));
}

/// A container has about ten files, and the usual limit of 1,024 would keep those of 50 open; so it
/// is raised as far as it may be.
std::size_t open_files_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t wanted = std::min(limit.rlim_max, kept_open_max + kept_for_others);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = wanted;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur <= kept_for_others) return 0;
  return std::min(limit.rlim_cur - kept_for_others, kept_open_max);
}

}  // namespace

Sampler::Sampler(const HostFs& fs, std::string scope, std::string agent_version)
    : fs_(fs),
      scope_(std::move(scope)),
      open_files_(open_files_max()),
      tree_(fs),
      machine_(fs, open_files_),
      devices_(fs, open_files_),
      containers_(fs, open_files_) {
  constant_.agent_version = std::move(agent_version);
}

Result<HostReading> Sampler::sample(const DockerView& engine, Moment now) {
  refresh(now.monotonic);
  const auto interval = sampled_at_ ? now.monotonic - *sampled_at_ : std::chrono::nanoseconds{0};
  const bool first = !sampled_at_.has_value();
  sampled_at_ = now.monotonic;
  HostReading out = constant_;
  out.sampled_at = now.wall;
  out.interval = std::chrono::duration_cast<Duration>(interval);
  auto counters = std::make_shared<KernelCounters>();
  const auto host = scope_.empty() ? machine_.sample(buffer_, out, *counters)
                                   : sample_slice(now.monotonic, out, *counters);
  put_devices(engine, interval, out, *counters);
  put_containers(engine, now.monotonic, out, *counters);
  put_facts(engine, out);
  out.counters = std::move(counters);
  if (!host) return host.error();
  if (first) return Error{Errc::not_found, "no previous sample to compare with yet"};
  return out;
}

void Sampler::put_containers(const DockerView& engine, Monotonic now, HostReading& out,
                             KernelCounters& counters) {
  const DockerView by_cgroups =
      engine.is_blind ? containers_.view_by_cgroups(tree_, scope_, now) : DockerView{};
  const auto& view = engine.is_blind ? by_cgroups : engine;
  auto containers = containers_.sample(tree_, view, out.cpu.cores, now, buffer_);
  out.containers = std::move(containers.readings);
  counters.containers = std::move(containers.counters);
  std::ranges::sort(counters.containers, {}, &ContainerCounters::id);
  if (containers.unseen == 0) return;
  out.warnings.push_back(fmt::format("{} container{}: cgroup not visible", containers.unseen,
                                     containers.unseen == 1 ? "" : "s"));
}

void Sampler::refresh(Monotonic now) {
  if (refreshed_at_ && now - *refreshed_at_ < refresh_every) return;
  refreshed_at_ = now;
  const auto mounts = parse_mountinfo(fs_.try_read(fs_.mountinfo_path()).value_or(""));
  tree_.probe(mounts);
  if (!scope_.empty()) {
    slice_ = CgroupReader{fs_, tree_.named(scope_), tree_.layout(), open_files_};
  }
  devices_.refresh(mounts);
  constant_.boot_id = first_line(fs_, "/proc/sys/kernel/random/boot_id");
  constant_.address = devices_.address();
  constant_.facts.hostname = first_line(fs_, "/proc/sys/kernel/hostname");
  constant_.facts.kernel = first_line(fs_, "/proc/sys/kernel/osrelease");
  constant_.facts.architecture = machine_name();
  constant_.facts.cgroup_version = tree_.version();
}

Result<void> Sampler::sample_slice(Monotonic now, HostReading& out, KernelCounters& counters) {
  const auto before = std::exchange(slice_cpu_, std::nullopt);
  CgroupUse use = slice_.read(buffer_);
  if (use.empty()) refreshed_at_.reset();
  if (!use.cpu_ns || !use.memory_usage) {
    return Error{Errc::not_found, "agent.scope: no cgroup '" + scope_ +
                                      "' with CPU and memory figures on this host"};
  }
  const auto machine = machine_.capacity(buffer_);
  if (!machine) return machine.error();
  const CgroupLimits limits = tree_.limits(tree_.named(scope_));
  const auto cores = static_cast<double>(machine->cores);
  out.cpu.cores = std::min(limits.cores.value_or(cores), cores);
  out.memory.total = std::min(limits.memory.value_or(machine->memory), machine->memory);
  const auto used = use.memory_working_set.value_or(*use.memory_usage);
  out.memory.available = out.memory.total - std::min(used, out.memory.total);
  out.memory.cache = use.memory_cache;
  out.pressure = use.pressure;
  counters.pressure = use.pressure_totals;
  slice_cpu_ = SliceCpu{*use.cpu_ns, now};
  if (!before) return Error{Errc::not_found, "agent.scope: no previous sample to compare with yet"};
  const auto ns_per_s = rate(before->ns, use.cpu_ns, now - before->at);
  if (!ns_per_s) return Error{Errc::conflict, "agent.scope: the cgroup was made anew"};
  out.cpu.percent = trimmed(std::clamp(*ns_per_s / 1e7 / out.cpu.cores, 0.0, 100.0));
  return {};
}

void Sampler::put_devices(const DockerView& docker, std::chrono::nanoseconds interval,
                          HostReading& out, KernelCounters& counters) {
  if (scope_.empty()) out.disks = devices_.disks(interval, buffer_, counters.disks);
  out.nics = devices_.nics(interval, buffer_, counters.nics);
  // Of all of them, also where one is new or began anew: what it dropped is no rate.
  for (const auto& nic : counters.nics) {
    out.tx_dropped = out.tx_dropped.value_or(0) + nic.figures[nic_figure::tx_dropped];
  }
  auto filesystems = devices_.filesystems(docker.root_dir);
  out.filesystems = std::move(filesystems.list);
  out.facts.docker_root_free_bytes = filesystems.docker_root_free;
  for (const auto& path : filesystems.hanging) {
    out.warnings.push_back(printable(path) + ": the file system does not answer; it is left out");
  }
}

void Sampler::put_facts(const DockerView& docker, HostReading& out) {
  out.facts.docker_version = docker.version;
  out.facts.storage_driver = docker.storage_driver;
  if (!docker.warning.empty()) out.warnings.push_back(printable(docker.warning, 400));
}

}  // namespace plimsoll
