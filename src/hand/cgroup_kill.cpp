#include "hand/cgroup_kill.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr std::size_t cgroup_file_max = 64U << 10;

bool is_in_container(const std::filesystem::path& proc, int pid, const std::string& id) {
  const auto text = read_file(proc / std::to_string(pid) / "cgroup", cgroup_file_max);
  return text && cgroup_is_of(*text, id);
}

}  // namespace

bool cgroup_is_of(std::string_view cgroup_file, const std::string& id) {
  constexpr std::size_t full_id = 64;
  if (id.size() != full_id) return false;
  for (const auto line : split(cgroup_file, '\n')) {
    for (const auto part : split(line, '/')) {
      if (part == id || part == "docker-" + id + ".scope") return true;
    }
  }
  return false;
}

std::vector<int> processes_of_container(const std::string& id, const std::filesystem::path& proc) {
  std::vector<int> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc, error)) {
    const auto pid = parse_number<int>(entry.path().filename().string());
    if (pid && is_in_container(proc, *pid, id)) found.push_back(*pid);
  }
  return found;
}

std::size_t kill_container_processes(const std::string& id) {
  const auto found = processes_of_container(id);
  for (const int pid : found) {
    // The handle first, then once more whose process it is: after that it cannot become another.
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0) continue;
    if (is_in_container("/proc", pid, id)) {
      ::syscall(SYS_pidfd_send_signal, handle, SIGKILL, nullptr, 0);
    }
    ::close(handle);
  }
  return found.size();
}

}  // namespace plimsoll
