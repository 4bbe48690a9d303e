#pragma once

#include <string>
#include <vector>

#include "terminal/frame.h"
#include "terminal/keys.h"
#include "top/order.h"
#include "top/top_data.h"

namespace plimsoll {

/// A list on the screen: what is chosen stays chosen while rows change places around it.
struct ListPlace {
  std::string chosen;   ///< A row's key. Empty, or gone: the first row.
  std::size_t top = 0;  ///< The row at the upper edge.
};

enum class TopScreen {
  hosts,
  host,        ///< One host with its containers.
  containers,  ///< Those of all hosts.
};

/// All that keys change.
struct TopState {
  TopScreen screen = TopScreen::hosts;
  TopScreen came_from = TopScreen::hosts;  ///< Where Esc leads from `host`.
  std::string host;                        ///< That of TopScreen::host.
  Sorting host_sorting;
  Sorting container_sorting{SortKey::cpu, false};
  std::string host_filter;
  std::string container_filter;
  bool only_needing_a_look = false;
  bool typing = false;  ///< A filter is being typed.
  bool help = false;
  std::size_t help_top = 0;
  bool paused = false;
  ListPlace hosts;
  ListPlace containers;

  [[nodiscard]] bool shows_hosts() const { return screen == TopScreen::hosts; }
  [[nodiscard]] ListPlace& list() { return shows_hosts() ? hosts : containers; }
  [[nodiscard]] const ListPlace& list() const { return shows_hosts() ? hosts : containers; }
  [[nodiscard]] Sorting& sorting() { return shows_hosts() ? host_sorting : container_sorting; }
  [[nodiscard]] const Sorting& sorting() const {
    return shows_hosts() ? host_sorting : container_sorting;
  }
  [[nodiscard]] std::string& filter() { return shows_hosts() ? host_filter : container_filter; }
  [[nodiscard]] const std::string& filter() const {
    return shows_hosts() ? host_filter : container_filter;
  }
};

/// The rows of the list that a state shows: hosts, or containers, never both.
struct TopRows {
  std::vector<std::size_t> hosts;
  std::vector<ContainerPlace> containers;
  std::size_t all = 0;  ///< Without the filter.

  [[nodiscard]] std::size_t size() const { return hosts.size() + containers.size(); }
};
[[nodiscard]] TopRows rows_of(const TopState& state, const TopData& data);
/// The place of TopState::host in FleetView::rows, or nothing: it has gone.
[[nodiscard]] std::optional<std::size_t> host_of(const TopState& state, const FleetView& view);

/// What part of a list is on the screen.
struct ListWindow {
  std::size_t chosen = 0;
  std::size_t first = 0;
  std::size_t last = 0;  ///< One past.
};
[[nodiscard]] ListWindow window_of(const TopState& state, const TopData& data, const TopRows& rows,
                                   std::size_t visible);

enum class TopAction {
  draw,
  repaint,  ///< Everything, as the terminal may show anything.
  quit,
};

/// A key was pressed on a screen of that size.
[[nodiscard]] TopAction press(TopState& state, const Key& key, const TopData& data,
                              ScreenSize size);

}  // namespace plimsoll
