#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/time.h"

namespace plimsoll {

/// What the decision loop may do by itself.
enum class Mode {
  observe,    ///< Logs what it would do.
  ask,        ///< Plans wait for `plimsoll approve`.
  automatic,  ///< Moves at once.
};

struct OrchestratorConfig {
  Mode mode = Mode::ask;
  std::string strategy = "cold";      ///< Only cold so far; warm and live come with a later issue.
  Duration retention{24 * 3600'000};  ///< How long a retired source is kept.
  std::string store_host;  ///< Of store.url: the container that keeps the series is not moved.
  std::uint16_t store_port = 0;
  std::filesystem::path journal_file = "data/journal.db";
  Duration step_timeout{300'000};   ///< For one step of a move that moves no data.
  Duration stall_timeout{30'000};   ///< A transfer without a byte for so long has failed.
  Duration health_timeout{60'000};  ///< For the copy at the destination to become healthy.
  Duration stable_for{2'000};       ///< A copy without a health check must stay up for so long.
};

}  // namespace plimsoll
