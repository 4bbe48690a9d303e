#pragma once

#include <filesystem>

#include "core/result.h"

namespace plimsoll {

/// From here on this process, and what it starts, can change nothing in the file system outside of
/// `folder`, whatever its user; it can read and execute as before. For ever.
///
/// Errors: refused - the kernel cannot (Landlock's second version, Linux 5.19; switched off).
/// Source: landlock(7).
[[nodiscard]] Result<void> confine_writes_to(const std::filesystem::path& folder);

}  // namespace plimsoll
