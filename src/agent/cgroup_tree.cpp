#include "agent/cgroup_tree.h"

#include <fmt/format.h>

#include <filesystem>

#include "agent/cgroup_names.h"
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

constexpr int search_depth_max = 12;
constexpr int search_directories_max = 20'000;

struct Directory {
  std::string path;
  int depth = 0;
};

/// Their names. None where it cannot be read or went meanwhile, as cgroups do.
std::vector<std::string> directories_in(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at{path, error}, end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (fs::is_directory(at->symlink_status(gone))) names.push_back(at->path().filename());
  }
  return names;
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

CgroupPaths CgroupTree::of_process(std::string_view proc_cgroup, std::string_view id) const {
  const auto by_controller = parse_proc_cgroup(proc_cgroup);
  return paths_by([&](std::string_view controller) {
    const auto found = by_controller.find(controller);
    return std::string{found == by_controller.end() ? "" : container_part(found->second, id)};
  });
}

CgroupPaths CgroupTree::named(std::string_view path) const {
  return paths_by([&](std::string_view) { return std::string{path}; });
}

CgroupPaths CgroupTree::of_container(std::string_view id, std::string_view parent) const {
  std::vector<std::string> places;
  if (!parent.empty()) {
    const std::string slice = slice_path(parent);
    places.push_back(fmt::format("{}/{}", slice, id));
    places.push_back(fmt::format("{}/docker-{}.scope", slice, id));
    places.push_back(fmt::format("{}/libpod-{}.scope", slice, id));
    places.push_back(fmt::format("{}/libpod-{}", slice, id));
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

std::map<std::string, std::string, std::less<>> CgroupTree::search() const {
  std::map<std::string, std::string, std::less<>> found;
  const std::string& mount = memory_.mount.empty() ? cpuacct_.mount : memory_.mount;
  if (mount.empty()) return found;
  const std::string top = fs_.at(mount);
  int left = search_directories_max;
  std::vector<Directory> waiting{{"", 0}};
  while (!waiting.empty() && left > 0) {
    const Directory directory = std::move(waiting.back());
    waiting.pop_back();
    for (const auto& name : directories_in(top + directory.path)) {
      if (--left < 0) break;
      std::string path = directory.path;
      path.append("/").append(name);
      // What is inside of a container is its own.
      if (const auto id = container_of_directory(name)) {
        found.emplace(*id, std::move(path));
      } else if (directory.depth < search_depth_max) {
        waiting.push_back({std::move(path), directory.depth + 1});
      }
    }
  }
  return found;
}

CgroupLayout CgroupTree::layout() const {
  return {cpu_.unified, cpuacct_.unified, memory_.unified, blkio_.unified};
}

std::optional<std::string> CgroupTree::file(const std::string& directory,
                                            std::string_view name) const {
  if (directory.empty()) return std::nullopt;
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path.append(directory).append("/").append(name);
  return fs_.try_read(path);
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
