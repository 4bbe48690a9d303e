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

/// A container that moves together with another, as references to it are rewritten.
struct MovedMember {
  std::string id;    ///< Of the original.
  std::string name;  ///< Of the original.
  std::string copy;  ///< Id or name of its copy.
};

struct CreateRequest {
  std::map<std::string, std::string> labels;  ///< Added; older plimsoll.move.* labels are dropped.
  /// A name that means this very image at the destination; "": the image's id is used.
  std::string image;
  std::string api_version = "1.41";  ///< That the destination's engine is spoken to in.
  std::vector<MovedMember> moved_with;
};

/// Makes the create request out of the two inspect documents of the source: the container's, less
/// what its image gives by default, less what only that engine could know (ids, times, addresses,
/// generated names). The restart policy is "no": it is set when the move is committed.
/// Source: measured on 20.10 and 26.1 (docs/decisions/0003); field by field in
/// docs/formats/container-fields.md.
/// Errors: refused - names the field that cannot be carried over.
[[nodiscard]] Result<CreateSpec> make_create_spec(const ContainerInspect& container,
                                                  const ImageInspect& image,
                                                  const CreateRequest& request);

/// The request's HostConfig alone. Errors: refused - it names a container that does not move along.
[[nodiscard]] Result<json::object> make_host_config(const ContainerInspect& container,
                                                    const CreateRequest& request);

/// HostConfig.Links as inspect ("/dep:/web/alias") and `docker run` ("dep:alias") write it.
struct ContainerLink {
  std::string target;
  std::string alias;
};
[[nodiscard]] ContainerLink parse_link(const std::string& text);

/// Whether API `version` ("1.41") is 1.`minor` or newer.
[[nodiscard]] bool is_api_at_least(const std::string& version, int minor);

/// Labels with this prefix are ours and never carried from one move to the next.
inline constexpr std::string_view move_label_prefix = "plimsoll.move.";

}  // namespace plimsoll
