#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "telemetry/reading.h"

namespace plimsoll {

/// How the warning of an agent whose "/" does not answer begins.
inline constexpr std::string_view root_hangs = "/: ";

/// The file system on "/"; where the host has none, as in a container, the first one read. nullptr
/// where there is none or "/" does not answer: another one must not stand in for it.
[[nodiscard]] const FilesystemReading* root_filesystem(const HostReading& reading);

/// Used share as df prints it: used of (used + available), since the rest is kept for root.
/// Unit: percent.
[[nodiscard]] double used_percent(const FilesystemReading& filesystem);

/// Memory that could not be had without swapping. Unit: bytes; absent where memory is unknown.
[[nodiscard]] std::optional<std::uint64_t> memory_used(const HostReading& reading);
/// Unit: percent of the host's or slice's memory.
[[nodiscard]] std::optional<double> memory_percent(const HostReading& reading);

/// The first 12 digits, as `docker ps` shows them.
[[nodiscard]] std::string short_id(const ContainerReading& container);

/// The container's memory usage of its limit, or of the host's memory where it has none.
/// Unit: percent.
[[nodiscard]] std::optional<double> memory_percent(const HostReading& host,
                                                   const ContainerReading& container);

/// Received and sent since start; absent where neither is known. Unit: bytes.
[[nodiscard]] std::optional<std::uint64_t> network_bytes(const ContainerReading& container);

/// The predecessor's figure for the same: bytes / 1048576 * 100. No share of anything, but boards
/// were built on it.
[[nodiscard]] double legacy_network_percent(std::uint64_t bytes);

/// What used_percent and the like show, in hundredths: ten digits after the point help nobody.
[[nodiscard]] double rounded(double value);

}  // namespace plimsoll
