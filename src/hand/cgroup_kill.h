#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace plimsoll {

/// The processes of a container, found without the engine: those whose cgroup is named after it.
/// `id`: the full one. Source: /proc/PID/cgroup, cgroups(7); "docker/ID", "docker-ID.scope" and
/// every parent a user may have set (FACTS 0).
[[nodiscard]] std::vector<int> processes_of_container(const std::string& id,
                                                      const std::filesystem::path& proc = "/proc");

/// Whether a line of /proc/PID/cgroup lies in the cgroup of that container.
[[nodiscard]] bool cgroup_is_of(std::string_view cgroup_file, const std::string& id);

/// SIGKILL to all of them. A process id that passes to another process meanwhile is not hit.
/// Gives how many it found.
std::size_t kill_container_processes(const std::string& id);

}  // namespace plimsoll
