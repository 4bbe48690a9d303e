#pragma once

#include "config/settings.h"
#include "decide/policy.h"

namespace plimsoll {

/// Reads the keys of the section `orchestrator` that say when and how hosts are relieved, for
/// plimsoll.toml and for scenario files alike. What is not given stays as it is.
void read_policy(Settings& settings, Policy& policy);

/// Notes in `settings` what check() finds, but for Policy::sample_every, which is not of this
/// section.
void check_policy(const Policy& policy, Settings& settings);

}  // namespace plimsoll
