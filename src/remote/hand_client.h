#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/units.h"
#include "remote/install_hand.h"
#include "remote/ssh_session.h"

namespace plimsoll {

/// Whose order the acts of a Hand carry out (hand/fence.h).
struct HandOrder {
  MoveId move;
  std::uint64_t epoch = 0;
  std::string owner;
  bool take_over = false;
};

/// One act of the hand.
struct HandCall {
  std::string act;                 ///< "lease-arm"
  std::vector<std::string> words;  ///< What follows the order on its command line; plain words.
  std::string input;               ///< Given on standard input, then closed. JSON: one line.
  Duration stall{60'000};          ///< Given up when nothing is heard for so long.
  Duration timeout{6 * 3'600'000};
  std::function<void(Bytes)> progress;       ///< May be empty.
  std::function<void(std::string)> reached;  ///< A part of the act that is done; may be empty.
};

/// What an act says until it has ended; for Hand, and for its test without any SSH.
[[nodiscard]] Task<Result<boost::json::value>> hear_act(ChildProcess* child, HandCall call,
                                                        std::string host);

/// Runs acts of our own executable on a host over a session, each a process there.
///
/// Errors: the act's own with its code, the host's name in front; timeout - silent for too long, it
/// is killed then, and whether it happened is unknown; unreachable - the session is gone;
/// malformed - it printed what no act prints.
class Hand {
 public:
  /// Requires: `session` outlives it.
  Hand(SshSession* session, HandPlace place, HandOrder order)
      : session_(session), place_(std::move(place)), order_(std::move(order)) {}

  /// The act's result. Cancelling it, or this process's death, ends the act there too.
  [[nodiscard]] Task<Result<boost::json::value>> act(HandCall call) const;

  /// Opens a gate to the engine there (hand/gate.h), and gives the socket here that leads to it. It
  /// is there as long as the session.
  [[nodiscard]] Task<Result<HttpTarget>> open_gate() const;
  /// A gate through which one can only look, for users who may not reach Docker's socket.
  [[nodiscard]] static Task<Result<HttpTarget>> open_look(SshSession* session, HandPlace place);

  [[nodiscard]] const HandPlace& place() const { return place_; }

 private:
  [[nodiscard]] Result<RemoteCommand> command(const HandCall& call) const;

  SshSession* session_;
  HandPlace place_;
  HandOrder order_;
};

}  // namespace plimsoll
