#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "docker/json_access.h"

namespace plimsoll {

/// What becomes of a field of `docker inspect` when its container moves.
enum class FieldFate {
  carried,  ///< The copy has the same value; another one ends the move.
  mapped,   ///< The copy has what means the same there, by the rule in `how`.
  refused,  ///< Where it is set, in the way that `how` says, the container does not move.
  ignored,  ///< Not a setting: what the engine found out or made up.
};
[[nodiscard]] std::string_view fate_name(FieldFate fate);

struct ContainerField {
  std::string_view place;   ///< "HostConfig.Memory"; "Networks." and "Mounts." stand for each.
  std::string_view option;  ///< Of `docker run`; "" where none sets it alone.
  FieldFate fate{};
  std::string_view how;       ///< The rule, for people; "" where the fate says it all.
  std::string_view shown_by;  ///< A unit test "Suite.Name", or a function of fidelity_test.sh.
};

/// Every field that engines up to API 1.51 have, in the order of the document.
/// Source: inspect of 20.10.24 in the lab; the published API documents for what came later.
[[nodiscard]] std::span<const ContainerField> container_fields();

/// Absent: nobody knows what it means.
[[nodiscard]] const ContainerField* find_container_field(std::string_view place);

/// Set fields of Config, HostConfig, the endpoints and the mounts that the list does not know: what
/// would become of them, nobody could say. (At the top and in the rest of NetworkSettings an engine
/// writes only what it found out.)
[[nodiscard]] std::vector<std::string> unknown_container_fields(const json::value& document);

/// Set fields with this fate, in the order of the list.
[[nodiscard]] std::vector<std::string> set_container_fields(const json::value& document,
                                                            FieldFate fate);

/// docs/formats/container-fields.md, whole.
[[nodiscard]] std::string render_container_fields();

}  // namespace plimsoll
