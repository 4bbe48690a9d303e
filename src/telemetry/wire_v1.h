#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// The most containers that one host's telemetry may hold.
inline constexpr std::size_t containers_max = 10'000;

/// The document of GET /v1/telemetry (docs/formats/telemetry-v1.md). What is absent is left out.
[[nodiscard]] std::string encode_v1(const HostReading& reading);

/// Reads what encode_v1 writes, also from a later agent: members it does not know are ignored.
/// Types and ranges of those it knows are checked; absent and null are the same.
///
/// Errors: malformed - not JSON, another version, or a member that is wrong, named by its path;
/// too_large - more than 32 MiB.
[[nodiscard]] Result<HostReading> decode_v1(std::string_view json);

}  // namespace plimsoll
