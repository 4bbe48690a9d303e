#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/ids.h"
#include "core/units.h"
#include "runtime/http.h"

namespace plimsoll {

/// Whose order an act is: checked against what this host has seen (fence.h).
struct Order {
  MoveId move;
  std::uint64_t epoch = 0;
  std::string owner;       ///< The orchestrator's journal, 16 hex digits: who may act on this host.
  bool take_over = false;  ///< A person said that this owner replaces the one before.
};

/// What every act of the hand needs: the order it carries out, and where things are on this host.
struct HandContext {
  Order order;
  std::filesystem::path state = "/var/lib/plimsoll";  ///< Outlives a reboot.
  std::filesystem::path run = "/run/plimsoll";        ///< Does not.
  HttpTarget docker;                                  ///< The engine's socket here.
  /// Told while data flows: bytes that have passed so far. May be null.
  std::function<void(Bytes)> progress;
  /// Told when a part of the act is over that others wait for: {"reached": "sent"}. May be null.
  std::function<void(const std::string&)> reached;

  /// For what belongs to one move alone: keys, sockets, digests known. Mode 0700, removed with it.
  [[nodiscard]] std::filesystem::path move_folder() const { return run / order.move.str(); }
};

}  // namespace plimsoll
