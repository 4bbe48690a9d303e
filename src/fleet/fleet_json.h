#pragma once

#include <string>

#include "fleet/fleet_view.h"

namespace plimsoll {

/// The document of `plimsoll top --once --json` and GET /api/v1/fleet (DESIGN 2a).
[[nodiscard]] std::string render_fleet_json(const FleetView& view);

}  // namespace plimsoll
