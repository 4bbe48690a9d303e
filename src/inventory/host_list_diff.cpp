#include "inventory/host_list_diff.h"

#include <unordered_map>

namespace plimsoll {
namespace {

std::unordered_map<HostId, const Host*> by_name(const HostList& hosts) {
  std::unordered_map<HostId, const Host*> map;
  for (const auto& host : hosts) map.emplace(host.name, &host);
  return map;
}

}  // namespace

HostListDiff diff(const HostList& before, const HostList& after) {
  const auto old_hosts = by_name(before);
  const auto new_hosts = by_name(after);
  HostListDiff result;
  for (const auto& host : after) {
    const auto old_host = old_hosts.find(host.name);
    if (old_host == old_hosts.end()) {
      result.added.push_back(host);
    } else if (*old_host->second != host) {
      result.changed.push_back(host);
    }
  }
  for (const auto& host : before) {
    if (!new_hosts.contains(host.name)) result.removed.push_back(host);
  }
  return result;
}

}  // namespace plimsoll
