#include "agent/cgroup_tree.h"

#include <fmt/format.h>

#include "agent/proc_memory.h"
#include "agent/scan.h"

namespace plimsoll {
namespace {

bool lists(std::string_view options, std::string_view controller) {
  const auto all = split(options, ',');
  return std::ranges::find(all, controller) != all.end();
}

bool has_word(std::string_view text, std::string_view wanted) {
  text = trim(text);
  while (!text.empty()) {
    if (take_word(text) == wanted) return true;
  }
  return false;
}

std::optional<std::uint64_t> number_in(const std::optional<std::string>& text) {
  return text ? whole_value(*text) : std::nullopt;
}

}  // namespace

CgroupTree::CgroupTree(HostFs fs) : fs_(std::move(fs)) {}

void CgroupTree::probe(const std::vector<Mount>& mounts) {
  cpu_ = cpuacct_ = memory_ = blkio_ = unified_ = Tree{};
  for (const auto& mount : mounts) {
    const Tree tree{mount.point, mount.root, mount.type == "cgroup2"};
    if (tree.unified && unified_.mount.empty()) unified_ = tree;
    if (mount.type != "cgroup") continue;
    if (lists(mount.super_options, "cpu")) cpu_ = tree;
    if (lists(mount.super_options, "cpuacct")) cpuacct_ = tree;
    if (lists(mount.super_options, "memory")) memory_ = tree;
    if (lists(mount.super_options, "blkio")) blkio_ = tree;
  }
  if (!unified_.mount.empty()) fill_from_unified();
}

void CgroupTree::fill_from_unified() {
  const auto controllers = fs_.try_read(unified_.mount + "/cgroup.controllers").value_or("");
  if (cpu_.mount.empty() && has_word(controllers, "cpu")) cpu_ = unified_;
  // cpu.stat is in every version 2 cgroup, with the controller or without.
  if (cpuacct_.mount.empty()) cpuacct_ = unified_;
  if (memory_.mount.empty() && has_word(controllers, "memory")) memory_ = unified_;
  if (blkio_.mount.empty() && has_word(controllers, "io")) blkio_ = unified_;
}

std::optional<int> CgroupTree::version() const {
  if (memory_.mount.empty()) return std::nullopt;
  return memory_.unified ? 2 : 1;
}

std::string CgroupTree::directory(const Tree& tree, std::string_view path) const {
  if (tree.mount.empty() || path.empty()) return {};
  // In a container or LXC only a part of the tree is mounted, while paths may name all of it.
  if (tree.root != "/" && path.starts_with(tree.root)) path.remove_prefix(tree.root.size());
  std::string full = tree.mount;
  if (!path.starts_with('/')) full += '/';
  full += path;
  while (full.ends_with('/')) full.pop_back();
  return fs_.exists(full) ? full : std::string{};
}

template <class PathOf>
CgroupPaths CgroupTree::paths_by(PathOf path_of) const {
  const auto place = [&](const Tree& tree, std::string_view controller) {
    return directory(tree, path_of(tree.unified ? std::string_view{} : controller));
  };
  return {place(cpu_, "cpu"), place(cpuacct_, "cpuacct"), place(memory_, "memory"),
          place(blkio_, "blkio"), place(unified_, "")};
}

CgroupPaths CgroupTree::of_process(int pid) const {
  const auto text = fs_.try_read(fmt::format("/proc/{}/cgroup", pid));
  if (!text) return {};
  const auto by_controller = parse_proc_cgroup(*text);
  return paths_by([&](std::string_view controller) -> std::string {
    const auto found = by_controller.find(controller);
    // A process in the root cgroup is nobody's container.
    return found == by_controller.end() || found->second == "/" ? std::string{} : found->second;
  });
}

CgroupPaths CgroupTree::named(std::string_view path) const {
  return paths_by([&](std::string_view) { return std::string{path}; });
}

CgroupPaths CgroupTree::of_container(std::string_view id, std::string_view parent) const {
  std::vector<std::string> places;
  if (!parent.empty()) {
    places.push_back(fmt::format("{}/{}", parent, id));
    places.push_back(fmt::format("{}/docker-{}.scope", parent, id));
  }
  places.push_back(fmt::format("/docker/{}", id));
  places.push_back(fmt::format("/system.slice/docker-{}.scope", id));
  places.push_back(fmt::format("/machine.slice/libpod-{}.scope", id));
  places.push_back(fmt::format("/libpod_parent/libpod-{}", id));
  for (const auto& place : places) {
    const auto paths = named(place);
    if (!paths.empty()) return paths;
  }
  return {};
}

std::optional<std::string> CgroupTree::file(const std::string& directory,
                                            std::string_view name) const {
  if (directory.empty()) return std::nullopt;
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path.append(directory).append("/").append(name);
  return fs_.try_read(path);
}

void CgroupTree::read_cpu(const CgroupPaths& paths, CgroupUse& out) const {
  if (!cpuacct_.unified) out.cpu_ns = number_in(file(paths.cpuacct, "cpuacct.usage"));
  const auto stat = file(cpu_.mount.empty() ? paths.cpuacct : paths.cpu, "cpu.stat");
  if (!stat) return;
  if (cpuacct_.unified) {
    const auto used_us = value_of(*stat, "usage_usec");
    if (used_us) out.cpu_ns = *used_us * 1000;
  }
  out.periods = value_of(*stat, "nr_periods");
  out.throttled_periods = value_of(*stat, "nr_throttled");
}

void CgroupTree::read_memory(const CgroupPaths& paths, CgroupUse& out) const {
  const bool v2 = memory_.unified;
  out.memory_usage = number_in(file(paths.memory, v2 ? "memory.current" : "memory.usage_in_bytes"));
  const auto stat = file(paths.memory, "memory.stat");
  if (!stat) return;
  out.memory_cache = value_of(*stat, v2 ? "file" : "total_cache");
  const auto inactive = value_of(*stat, v2 ? "inactive_file" : "total_inactive_file");
  if (!out.memory_usage || !inactive) return;
  out.memory_working_set = *out.memory_usage - std::min(*inactive, *out.memory_usage);
}

void CgroupTree::read_block(const CgroupPaths& paths, CgroupUse& out) const {
  if (blkio_.unified) {
    if (const auto text = file(paths.blkio, "io.stat")) out.block = parse_io_stat(*text);
    return;
  }
  auto text = file(paths.blkio, "blkio.throttle.io_service_bytes_recursive");
  if (!text) text = file(paths.blkio, "blkio.throttle.io_service_bytes");
  if (text) out.block = parse_blkio_bytes(*text);
}

void CgroupTree::read_pressure(const CgroupPaths& paths, CgroupUse& out) const {
  const auto read = [&](std::string_view name) -> std::optional<Pressure> {
    const auto text = file(paths.unified, name);
    if (!text) return std::nullopt;
    const auto pressure = parse_pressure(*text);
    return pressure ? std::optional{*pressure} : std::nullopt;
  };
  out.pressure = {read("cpu.pressure"), read("memory.pressure"), read("io.pressure")};
}

CgroupUse CgroupTree::use(const CgroupPaths& paths) const {
  CgroupUse out;
  read_cpu(paths, out);
  read_memory(paths, out);
  read_block(paths, out);
  read_pressure(paths, out);
  return out;
}

CgroupLimits CgroupTree::limits(const CgroupPaths& paths) const {
  CgroupLimits out;
  if (cpu_.unified) {
    if (const auto text = file(paths.cpu, "cpu.max")) out.cores = parse_cpu_max(*text);
  } else {
    const auto quota = file(paths.cpu, "cpu.cfs_quota_us");
    const auto period = file(paths.cpu, "cpu.cfs_period_us");
    if (quota && period) out.cores = quota_cores(*quota, *period);
  }
  const auto limit = file(paths.memory, memory_.unified ? "memory.max" : "memory.limit_in_bytes");
  if (limit) out.memory = parse_memory_limit(*limit);
  return out;
}

}  // namespace plimsoll
