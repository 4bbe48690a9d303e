#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "decide/fleet.h"
#include "simulate/line_fields.h"
#include "simulate/session.h"

namespace plimsoll {

inline constexpr std::size_t hosts_max = 10'000;
inline constexpr std::size_t containers_max = 200'000;

/// What a line says about which hosts and containers there are, and where.
struct FleetChange {
  struct NewContainer {
    ContainerState state;
    std::string host;
  };
  struct Placement {
    std::string container;
    std::string host;
  };
  std::vector<std::string> containers_removed;
  std::vector<HostState> hosts_added;
  std::vector<NewContainer> containers_added;
  std::vector<Placement> placement;
  std::vector<std::string> hosts_removed;
};

/// `hosts` and `containers` of a first line.
[[nodiscard]] FleetChange read_fleet(const LineFields& line);
/// `containers_removed`, `hosts_added`, `containers_added`, `placement`, `hosts_removed` of a step.
[[nodiscard]] FleetChange read_change(const LineFields& line);

/// A session's names as they will be after a change. Finding something wrong with the change, it
/// says so when it is made. Lives no longer than session and change.
class NamesAfter {
 public:
  NamesAfter(const DecideSession& session, const FleetChange& change, LineProblems& problems);

  /// Stands for a position that is known only when the change was made.
  static constexpr std::size_t to_come = static_cast<std::size_t>(-1);
  [[nodiscard]] std::optional<std::size_t> host(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> container(std::string_view name) const;

 private:
  using NameSet = std::unordered_set<std::string_view>;

  void check_hosts(LineProblems& problems);
  void check_containers(LineProblems& problems);
  void check_placement(LineProblems& problems);
  void check_counts(LineProblems& problems) const;

  const DecideSession& session_;
  const FleetChange& change_;
  NameSet hosts_added_;
  NameSet hosts_removed_;
  NameSet containers_added_;
  NameSet containers_removed_;
  std::unordered_map<std::string_view, std::string_view> placement_;
};

/// Requires: NamesAfter found nothing wrong with it.
void make_change(DecideSession& session, FleetChange change);

}  // namespace plimsoll
