#pragma once

#include <optional>
#include <vector>

#include "decide/eligible.h"
#include "decide/ledger.h"

namespace plimsoll {

/// What starts a move.
enum class Occasion {
  by_itself,  ///< The loop: cool-downs and all quiet hours hold.
  by_hand,    ///< A person: only what makes it impossible, and what the owner's labels say.
};

/// obstacles_of, and the quiet hours of its owner that hold now.
[[nodiscard]] std::vector<Obstacle> obstacles_now(const Ledger& ledger,
                                                  const ContainerState& container,
                                                  std::size_t host);

/// It is being moved, or was not long ago. Absent: neither.
[[nodiscard]] std::optional<Obstacle> resting(const Ledger& ledger, const ContainerState& container,
                                              std::size_t host, Occasion occasion);

/// All of it: obstacles_now and resting.
[[nodiscard]] std::vector<Obstacle> held_back(const Ledger& ledger, const ContainerState& container,
                                              std::size_t host, Occasion occasion);

/// The policy's quiet hours that hold now, for people. Absent: none.
[[nodiscard]] std::optional<Obstacle> quiet_now(const Ledger& ledger);

}  // namespace plimsoll
