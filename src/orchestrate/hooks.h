#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "orchestrate/hook_phases.h"
#include "orchestrate/move_record.h"
#include "runtime/asio.h"
#include "runtime/secret_file.h"

namespace plimsoll {

/// What is run at the phases of a move, on the machine of the orchestrator.
struct HookConfig {
  /// By phase ("pre_stop", hook_phases()): a command and its arguments, or one URL, to which the
  /// move is posted.
  std::map<std::string, std::vector<std::string>> at;
  Duration timeout{10'000};  ///< For each. Zero is refused.
  Secret secret;             ///< Signs what is posted. Empty: it is not signed.
};

/// Runs the hooks of moves.
///
/// A command gets the move's JSON (render_json) on standard input, with the phase as "phase". A
/// webhook gets the same by POST, with `X-Plimsoll-Signature: sha256=HEX`, HMAC-SHA-256 (RFC 2104)
/// of the body by the secret. Success is exit code 0, or a status of 2xx, within the time-out.
class Hooks {
 public:
  explicit Hooks(HookConfig config) : config_(std::move(config)) {}

  /// Before and after an act. Nothing is done where no hook is set.
  /// Errors: refused - it said no, with its own words; timeout; unreachable; not_found.
  [[nodiscard]] Task<Result<void>> before(Act act, const MoveRecord* record) const;
  [[nodiscard]] Task<Result<void>> after(Act act, const MoveRecord* record) const;
  [[nodiscard]] Task<Result<void>> after_rollback(const MoveRecord* record) const;

 private:
  Task<Result<void>> run(std::string phase, const MoveRecord* record) const;
  Task<Result<void>> run_command(std::vector<std::string> argv, std::string body) const;
  Task<Result<void>> post(std::string url, std::string body) const;

  HookConfig config_;
};

}  // namespace plimsoll
