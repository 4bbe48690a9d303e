#pragma once

#include <map>
#include <string>
#include <vector>

#include "docker/inspect.h"

namespace plimsoll {

/// Labels that docker-compose (1.29) and `docker compose` put on what they make, and find it by.
inline constexpr const char* compose_project_label = "com.docker.compose.project";
inline constexpr const char* compose_service_label = "com.docker.compose.service";
inline constexpr const char* compose_number_label = "com.docker.compose.container-number";
inline constexpr const char* compose_depends_label = "com.docker.compose.depends_on";
inline constexpr const char* compose_network_label = "com.docker.compose.network";

/// The members of a unit in the order in which they may be started: after those that their
/// depends_on label, links, volumes-from and container:… modes name. docker-compose 1.29 writes no
/// depends_on label; there, and among equals, the order in which they were made decides, which is
/// its order of starting. A ring is broken at its oldest member. Stop in the reverse order.
/// Gives indices into `members`.
[[nodiscard]] std::vector<std::size_t> start_order(const std::vector<ContainerInspect>& members);

/// What the members of a unit have from outside, with who uses it: made, copied and checked once.
struct UnitParts {
  using Users = std::vector<std::size_t>;   ///< Indices into the members, ascending.
  std::map<std::string, Users> networks;    ///< User-defined ones, by name.
  std::map<std::string, Users> volumes;     ///< Named ones, by name.
  std::map<std::string, Users> bind_paths;  ///< Paths of the host.
};
[[nodiscard]] UnitParts unit_parts(const std::vector<ContainerInspect>& members);

/// What a moved project leaves in the place of each of its networks on the old host: a network of
/// the same name that docker-compose refuses to use ("Network "shop_default" needs to be recreated
/// - option "plimsoll.moved-to-h2" has changed"), so that a later `up` starts nothing; `start`
/// fails too, since the network that the old containers were in is gone. See docs/decisions/0077.
/// Requires: `network` is not a marker itself.
[[nodiscard]] json::value make_marker_network(const json::value& network,
                                              const std::string& destination,
                                              const std::string& move_id);

/// Of a marker: the host that the project went to; "" where it is none.
[[nodiscard]] std::string marker_destination(const json::value& network);

/// Whether this network was made by Compose for a project: only such a one may become a marker.
[[nodiscard]] bool is_project_network(const json::value& network);

/// A container by which Compose knows it: "shop/web/1"; "" where it is none of Compose's.
[[nodiscard]] std::string compose_identity(const std::map<std::string, std::string>& labels);

}  // namespace plimsoll
