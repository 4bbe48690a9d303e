#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "hand/hand_context.h"
#include "runtime/asio.h"

namespace plimsoll {

/// What the source may send to this host for the order's move, and as whom.
struct GrantSpec {
  std::string public_key;
  std::vector<std::string> from;     ///< Addresses that it comes from.
  std::vector<std::string> folders;  ///< That rsync may fill; absolute, existing or not yet.
  Duration lasts{6 * 3'600'000};
};

/// {"key": "ssh-ed25519 …", "from": ["10.0.0.1"], "folders": ["/var/lib/…"], "seconds": 21600}
/// Errors: invalid - what is wrong, by name.
[[nodiscard]] Result<GrantSpec> parse_grant_spec(std::string_view text);

/// Makes a key pair in the move's folder, or finds it there; gives the public half.
/// Errors: not_found - no ssh-keygen; io.
[[nodiscard]] Task<Result<std::string>> make_move_key(const HandContext* context);

/// What a source needs to know of this host's sshd.
struct SshdFacts {
  std::vector<std::string> host_keys;  ///< "ssh-ed25519 AAAA…"
  std::vector<std::uint16_t> ports;
  std::string user;  ///< Whom to log in as.
};

/// Lets the key in, in place of an earlier grant of the move.
/// Errors: invalid, io; refused - this sshd takes no such keys.
[[nodiscard]] Task<Result<SshdFacts>> grant_access(const HandContext* context, GrantSpec spec);
[[nodiscard]] std::string sshd_json(const SshdFacts& facts);

/// Removes the move's lines, and lets what it granted end. None there is fine. Gives how many.
[[nodiscard]] Task<Result<std::size_t>> revoke_access(const HandContext* context);

/// A grant as it is kept in the move's folder; absent where there is none.
struct KeptGrant {
  std::vector<std::string> folders;
  Duration until{};  ///< On the boot clock.
};
[[nodiscard]] Result<std::optional<KeptGrant>> kept_grant(const HandContext& context);

}  // namespace plimsoll
