#pragma once

#include <functional>
#include <optional>

#include "hand/fence.h"
#include "hand/hand_context.h"
#include "runtime/asio.h"

namespace plimsoll {

struct GateConfig {
  HttpTarget docker;             ///< The engine's socket.
  std::filesystem::path socket;  ///< Where the gate listens; its folder must be there.
  std::optional<unsigned> user;  ///< Who may connect besides root.
  /// Whose requests may pass, while they are current. Absent: anybody may look, nobody may change:
  /// only GET and HEAD, without a body and without an upgrade, pass.
  std::optional<Order> order;
  std::filesystem::path state;  ///< Where the fence is kept.
};

/// Listens on a socket of its own (mode 0600) and passes what comes in on to Docker's socket, byte
/// by byte, asking the fence before each piece: once a newer order is admitted on this host nothing
/// of an older one reaches the engine, and the admission waits for a piece that is being written.
/// A refused request is answered with status 409 and {"message": "superseded…"}; one that is cut in
/// the middle loses its connection.
///
/// Calls `ready` when it listens. Runs until it is cancelled; removes the socket then.
/// Errors: io - it cannot listen there. Source: docs/decisions/0065.
[[nodiscard]] Task<Result<void>> run_gate(GateConfig config, std::function<void()> ready);

}  // namespace plimsoll
