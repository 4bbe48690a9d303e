#pragma once

#include <boost/json.hpp>
#include <optional>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// decode_combined for a value that is parsed already, as the reader of recorded files has it.
[[nodiscard]] Result<HostReading> read_combined(const boost::json::value& value);

}  // namespace plimsoll
