#pragma once

#include <string>
#include <vector>

#include "docker/json_access.h"
#include "hand/hand_context.h"

namespace plimsoll {

/// Whose keys the source believes on its way to the destination, in this move alone.
struct TrustSpec {
  std::string alias;                   ///< What the destination is called (HostKeyAlias).
  std::vector<std::string> host_keys;  ///< "ssh-ed25519 AAAA…", as the destination itself told us.
};

/// {"alias": "h2", "host_keys": ["ssh-ed25519 AAAA…"]}
/// Errors: invalid - what is wrong, by name.
[[nodiscard]] Result<TrustSpec> parse_trust_spec(const json::value& request);

/// Writes them as the move's known_hosts, in place of what it was. Errors: io.
[[nodiscard]] Result<void> keep_trust(const HandContext& context, const TrustSpec& spec);

}  // namespace plimsoll
