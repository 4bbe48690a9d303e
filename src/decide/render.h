#pragma once

#include <string>

#include "decide/plan.h"

namespace plimsoll {

/// A plan for people: the moves with their reasons, and what was left and why.
[[nodiscard]] std::string render_text(const Plan& plan);

/// A plan for programs, one line, in the shape of DESIGN 2a.
[[nodiscard]] std::string render_json(const Plan& plan);

}  // namespace plimsoll
