#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "runtime/asio.h"
#include "runtime/name_lookup.h"

namespace plimsoll {

/// The addresses of a name, in the order to try; an IP address is its own. Asked of the system, a
/// few names at once, so that one that hangs holds up no other; one that takes longer than `limit`
/// is left behind. Nothing is remembered: see DnsCache.
/// `under_way`: counts lookups until they have ended, also those left behind; null: nobody counts.
/// Errors: timeout; unreachable - the name cannot be resolved.
[[nodiscard]] Task<Result<std::vector<asio::ip::address>>> resolve_host(
    std::string name, Duration limit, std::shared_ptr<std::size_t> under_way = nullptr);

/// Asks `lookup` instead of the system, for all that runs on that context.
void use_name_lookup(asio::execution_context& context, std::shared_ptr<NameLookup> lookup);

}  // namespace plimsoll
