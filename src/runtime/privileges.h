#pragma once

#include <initializer_list>

#include "core/result.h"

namespace plimsoll {

/// Gives up every capability but these (CAP_… of linux/capability.h), of those this process has,
/// and the way to get them back: no program it starts can gain any (no_new_privs, prctl(2)). The
/// user stays who it is.
///
/// Errors: io - the kernel refused; the privileges may be given up in part then.
/// Thread: the only one so far; later ones inherit what is left.
[[nodiscard]] Result<void> keep_capabilities(std::initializer_list<unsigned> kept);

/// Whether this process has a capability in force.
[[nodiscard]] bool has_capability(unsigned capability);

}  // namespace plimsoll
