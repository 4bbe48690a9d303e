#pragma once

#include "config/config.h"
#include "config/settings.h"

namespace plimsoll {

/// Notes in `settings` what is wrong with the values, each alone and all together.
void check_config(const Config& config, Settings& settings);

}  // namespace plimsoll
