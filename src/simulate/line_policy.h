#pragma once

#include "decide/policy.h"
#include "simulate/line_fields.h"
#include "simulate/pace.h"

namespace plimsoll {

/// A policy as a program gives it, and the pace that goes with it: a duration that is given is
/// meant, and is not stretched to so many steps.
struct GivenPolicy {
  Policy policy;
  Pace pace;
};

/// Reads an object with the keys of plimsoll.toml's [orchestrator], nested as there
/// ({"line": {"cpu": 80}}). Keys of that section which say how moves are made, not when, are passed
/// over. `object` null: all default.
[[nodiscard]] GivenPolicy read_given_policy(const json::object* object, LineProblems& problems);

}  // namespace plimsoll
