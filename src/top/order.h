#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/fleet_view.h"
#include "top/text_filter.h"

namespace plimsoll {

/// What rows are sorted by: the largest first, names from a to z.
enum class SortKey {
  level,  ///< How deep against the line. Who is silent stands at the line: after those over it.
  cpu,
  memory,
  storage,  ///< Of hosts only.
  name,
};
[[nodiscard]] std::string_view sort_name(SortKey key);
/// Also the DESIGN's word "scalar" for level, and "disk".
[[nodiscard]] std::optional<SortKey> parse_sort(std::string_view name);
/// For messages: "level, cpu, memory, storage, name".
[[nodiscard]] std::string sort_names();

struct Sorting {
  SortKey key = SortKey::level;
  bool reversed = false;
};

/// Over its line, close to it or silent: what somebody should look at.
[[nodiscard]] bool needs_a_look(const HostRow& row);
/// From this level on a host counts as close to its line. Ours.
inline constexpr double near_level = 0.9;

/// Places in FleetView::rows in the order to be shown. A host matches by its name, its address and
/// its labels, each as "key=value" on a line of its own. What is not known comes last. Hosts that
/// are equal stand by name, numbers in names by their value.
[[nodiscard]] std::vector<std::size_t> ordered_hosts(const FleetView& view, Sorting sorting,
                                                     const TextFilter& filter,
                                                     bool only_needing_a_look = false);

/// A container's place: that of its host in FleetView::rows, and its own there.
struct ContainerPlace {
  std::size_t host = 0;
  std::size_t container = 0;
};

/// The containers of some hosts in the order to be shown; level and storage mean cpu. A container
/// matches by its name, image and state.
[[nodiscard]] std::vector<ContainerPlace> ordered_containers(const FleetView& view,
                                                             const std::vector<std::size_t>& hosts,
                                                             Sorting sorting,
                                                             const TextFilter& filter);

}  // namespace plimsoll
