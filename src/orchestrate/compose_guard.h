#pragma once

#include <optional>
#include <string>
#include <vector>

#include "docker/engine.h"

namespace plimsoll {

/// A network by name. The marker that a moved project left (docker/compose_unit.h) counts as
/// absent and is removed: the project comes back. Errors: the engine's, but not not_found.
[[nodiscard]] Task<Result<std::optional<json::value>>> find_network(Engine* engine,
                                                                    std::string name);

/// Keeps docker-compose on the old host from starting a retired container again, or another in its
/// place (docs/decisions/0077): the container is tied to a network that is gone, and networks of
/// its project that nothing runs in any more become markers. Done before: done again. Gives words
/// for the history, "" where it is none of Compose's. Errors: the engine's; the move is committed,
/// so they are for a warning.
[[nodiscard]] Task<Result<std::string>> guard_retired(Engine* engine, std::string container,
                                                      std::string destination, std::string move_id);

/// A container that runs in spite of having moved away.
struct Twin {
  std::string running;
  std::string retired;  ///< The one that is kept; the same name where that itself was started.
};
/// Looks at the containers of one host, all of them.
[[nodiscard]] std::vector<Twin> find_twins(const std::vector<ContainerSummary>& containers);

}  // namespace plimsoll
