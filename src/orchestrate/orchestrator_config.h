#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/time.h"
#include "core/units.h"
#include "move/move_state.h"
#include "orchestrate/hooks.h"

namespace plimsoll {

/// What the decision loop may do by itself.
enum class Mode {
  observe,    ///< Logs what it would do.
  ask,        ///< Plans wait for `plimsoll approve`.
  automatic,  ///< Moves at once.
};

struct OrchestratorConfig {
  Mode mode = Mode::ask;
  Strategy strategy = Strategy::warm;
  Duration retention{24 * 3600'000};  ///< How long a retired source is kept.
  /// What retired sources may take of one host's disk; the oldest go first. Zero: no bound.
  Bytes retention_bytes{20 * gib};
  /// How long the old host forwards the published TCP ports. Zero: not at all.
  Duration forward{3600'000};
  /// How long a copy runs at most before its move is committed without hearing from us.
  Duration lease{15'000};
  /// At most so much of a link is used for copying, a second; 0: all of it.
  Bytes rate_limit{};
  /// A person says that this orchestrator replaces the one that the hosts obey (Fence).
  bool take_over = false;
  std::string store_host;  ///< Of store.url: the container that keeps the series is not moved.
  std::uint16_t store_port = 0;
  HookConfig hooks;
  std::filesystem::path journal_file = "data/journal.db";
  Duration step_timeout{300'000};   ///< For one step of a move that moves no data.
  Duration stall_timeout{30'000};   ///< A transfer without a byte for so long has failed.
  Duration health_timeout{60'000};  ///< For the copy at the destination to become healthy.
  Duration stable_for{2'000};       ///< A copy without a health check must stay up for so long.
};

}  // namespace plimsoll
