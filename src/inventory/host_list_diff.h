#pragma once

#include <vector>

#include "inventory/host_list.h"

namespace plimsoll {

/// What an edit of host.csv did. Hosts are known by their names; their order says nothing.
struct HostListDiff {
  HostList added;
  HostList removed;
  HostList changed;  ///< As they are now.

  [[nodiscard]] bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
  friend bool operator==(const HostListDiff&, const HostListDiff&) = default;
};

/// Hosts that are the same in both are in no list. In the order of `after`, removed ones in that
/// of `before`.
[[nodiscard]] HostListDiff diff(const HostList& before, const HostList& after);

}  // namespace plimsoll
