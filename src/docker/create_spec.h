#pragma once

#include <map>
#include <string>
#include <vector>

#include "docker/inspect.h"

namespace plimsoll {

/// What to tell another engine so that it makes the same container.
struct CreateSpec {
  json::value body;  ///< For POST /containers/create.
  /// Networks to join after creation, by name, with the endpoint's settings: engines before API
  /// 1.44 take only one at creation.
  std::vector<std::pair<std::string, json::value>> more_networks;
  std::vector<std::string> user_networks;  ///< Networks that must exist there, by name.
};

/// Makes the create request out of the two inspect documents of the source: the container's, less
/// what its image gives by default, less what only that engine could know (ids, times, addresses,
/// generated names). The restart policy is "no": it is set when the move is committed.
/// `labels` are added; older plimsoll.move.* labels are dropped.
/// Source: measured on 20.10 and 26.1 (docs/decisions/0003).
/// Errors: refused - names the field that cannot be carried over.
[[nodiscard]] Result<CreateSpec> make_create_spec(const ContainerInspect& container,
                                                  const ImageInspect& image,
                                                  const std::map<std::string, std::string>& labels);

/// A request that makes a user-defined network like this one. Its addresses are left to the engine
/// unless `keep_subnet`.
[[nodiscard]] json::value make_network_spec(const json::value& network, bool keep_subnet);

/// Labels with this prefix are ours and never carried from one move to the next.
inline constexpr std::string_view move_label_prefix = "plimsoll.move.";

}  // namespace plimsoll
