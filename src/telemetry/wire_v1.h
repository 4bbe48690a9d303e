#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Headers of every answer of an agent: its version, and its time when it answered, in milliseconds
/// since 1970.
inline constexpr const char* agent_version_header = "X-Plimsoll-Agent";
inline constexpr const char* agent_time_header = "X-Plimsoll-Time-Ms";

/// The most containers that one host's telemetry may hold.
inline constexpr std::size_t containers_max = 10'000;

/// The document of GET /v1/telemetry (docs/formats/telemetry-v1.md). What is absent is left out.
[[nodiscard]] std::string encode_v1(const HostReading& reading);

/// Reads what encode_v1 writes, also from a later agent: members it does not know are ignored.
/// Types and ranges of those it knows are checked; absent and null are the same.
///
/// Errors: malformed - not JSON, another version, or a member that is wrong, named by its path;
/// invalid - a value that no host can have (CPU above 100 %, more in use than there is, a counter
/// below zero, the same container twice); too_large - more than 32 MiB or containers_max.
[[nodiscard]] Result<HostReading> decode_v1(std::string_view json);

}  // namespace plimsoll
