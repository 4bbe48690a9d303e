#pragma once

#include <string>
#include <vector>

#include "core/ids.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Leads new TCP connections to a port of this host to another one of its ports, ahead of Docker's
/// own rules, whoever listens there. IPv4 only. Marked with the move's id, so that they can be
/// found again after a crash of whoever made them.
/// Errors: not_found - no iptables; refused - the kernel or iptables would not.
[[nodiscard]] Task<Result<void>> divert_port(MoveId move, asio::ip::tcp::endpoint from,
                                             std::uint16_t to_port);

/// Removes all of the move's rules, or those for one port. Connections they led stay.
/// Errors: as divert_port; no iptables is fine: then there is no rule.
[[nodiscard]] Task<Result<void>> end_diverts(MoveId move, std::uint16_t port = 0);

/// The words that delete a rule that `iptables -S` printed; nothing where it is not one of these.
[[nodiscard]] std::vector<std::string> words_to_delete(std::string_view rule, const MoveId& move,
                                                       std::uint16_t port);

}  // namespace plimsoll
