#pragma once

#include <istream>
#include <string>

#include "core/result.h"
#include "core/time.h"
#include "simulate/balancing.h"
#include "simulate/trace.h"

namespace plimsoll {

/// Whether a file begins as what `plimsoll export` writes as CSV.
[[nodiscard]] bool is_export_file(const std::string& path);

/// A fleet as it was recorded: the CSV of `plimsoll export` with the measurements Device and
/// Container. Figures are means over steps of `step`; a gap of up to 3 steps is filled with the
/// last figure, a longer one counts as nothing in use. Each container starts where it was first
/// seen, whatever happened later; one that comes up later uses nothing until then. What a host
/// used besides its containers stays with the host. A move carries the writable layer and, where
/// that was not recorded, the memory in use.
/// Unit: cores and bytes.
/// Errors: malformed - with "NAME:LINE", or what is missing; too_large; invalid - steps that make
/// fewer than two.
[[nodiscard]] Result<BalancingFleet> read_export(std::istream& in, const std::string& name,
                                                 Duration step, const TraceLimits& limits = {});

/// Errors: as read_export; not_found, io.
[[nodiscard]] Result<BalancingFleet> read_export_file(const std::string& path, Duration step,
                                                      const TraceLimits& limits = {});

}  // namespace plimsoll
