#pragma once

#include <memory>

#include "config/config.h"
#include "inventory/host_file.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

/// The decision and migration loop as a part of `up`.
class OrchestratorPart {
 public:
  virtual ~OrchestratorPart() = default;
  /// Decides and moves until stop().
  /// Errors: whatever makes it of no use; `up` then goes on without it and says so.
  [[nodiscard]] virtual Task<Result<void>> run() = 0;
  /// Comes back when nothing is left half done.
  [[nodiscard]] virtual Task<> stop() = 0;
  /// From the next decision on.
  virtual void set_policy(const Policy& policy) = 0;
  /// One line for people: "mode ask, strategy cold".
  [[nodiscard]] virtual std::string describe() const = 0;
};

/// nullptr: this build has none.
/// Requires: store and hosts outlive it.
[[nodiscard]] std::unique_ptr<OrchestratorPart> make_orchestrator_part(
    asio::any_io_executor executor, const Config& config, Store& store, const HostFile& hosts);

}  // namespace plimsoll
