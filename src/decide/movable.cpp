#include "decide/movable.h"

#include <fmt/format.h>

#include <utility>

#include "core/text.h"
#include "decide/history.h"
#include "decide/labels.h"
#include "decide/quiet.h"
#include "decide/reason.h"

namespace plimsoll {
namespace {

WeekMinute now_in_week(const Ledger& ledger) {
  return week_minute(ledger.now(), ledger.fleet().utc_offset);
}

}  // namespace

std::vector<Obstacle> obstacles_now(const Ledger& ledger, const ContainerState& container,
                                    std::size_t host) {
  auto obstacles = obstacles_of(container, *ledger.book(host).state, ledger.policy());
  // Hours that cannot be read are an obstacle already.
  const auto hours = quiet_of(container);
  const auto hit = hours ? hours->find(now_in_week(ledger)) : std::nullopt;
  if (hit) {
    obstacles.push_back(
        {Rule::quiet, fmt::format("its owner says plimsoll.quiet: {}", describe(*hit))});
  }
  return obstacles;
}

std::optional<Obstacle> resting(const Ledger& ledger, const ContainerState& container,
                                std::size_t host, Occasion occasion) {
  if (ledger.is_under_way(container.name, host)) {
    return Obstacle{Rule::under_way, "it is being moved"};
  }
  if (occasion == Occasion::by_hand) return std::nullopt;
  const MoveMemory memory = ledger.memory_of(container.name, host);
  const Duration left = cooldown_left(memory, ledger.policy(), ledger.now());
  if (left <= Duration{0}) return std::nullopt;
  return Obstacle{
      Rule::cooldown,
      fmt::format("{} not long ago: it rests for {} more",
                  memory.attempts == 1 ? "a move or try"
                                       : fmt::format("{} moves or tries", memory.attempts),
                  format_duration(left))};
}

std::vector<Obstacle> held_back(const Ledger& ledger, const ContainerState& container,
                                std::size_t host, Occasion occasion) {
  auto obstacles = obstacles_now(ledger, container, host);
  if (auto rest = resting(ledger, container, host, occasion)) {
    obstacles.push_back(std::move(*rest));
  }
  return obstacles;
}

std::optional<Obstacle> quiet_now(const Ledger& ledger) {
  const auto hit = ledger.policy().quiet.find(now_in_week(ledger));
  if (!hit) return std::nullopt;
  return Obstacle{Rule::quiet, fmt::format("quiet hours {}: nothing starts by itself until then",
                                           describe(*hit))};
}

}  // namespace plimsoll
