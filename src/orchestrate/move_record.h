#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "decide/plan.h"
#include "move/migration.h"
#include "move/precopy.h"

namespace plimsoll {

/// One act of a move, as it went.
struct StepRecord {
  std::string name;  ///< The act's, or "plan" for what came before.
  TimePoint started;
  std::optional<TimePoint> finished;
  bool failed = false;
  std::string detail;
};

/// What a move really took.
struct MoveActual {
  Bytes bytes{};          ///< Image, writable layer and volumes, as they crossed the network.
  double transfer_s = 0;  ///< Time in which data was sent.
  double downtime_s = 0;  ///< From the order to stop to the copy running.
  Bytes image_bytes{};    ///< Of `bytes`, the image.
  double image_s = 0;     ///< Of `transfer_s`, the image's.
  Bytes held_bytes{};     ///< Of `bytes`, what was sent while the workload stood still.
};

/// One container of a workload: what must survive a crash to be put back.
struct MoveMember {
  ContainerName container;
  std::string image;      ///< Its id: what moves take is learned per image. Empty: not known.
  std::string source_id;  ///< All 64 digits; empty before the preflight.
  std::string copy_id;
  std::string restart_policy;
  std::int64_t restart_retries = 0;
  /// With `undo`: the retired container at the destination that becomes the copy again, instead of
  /// a new one. Empty: a new one is made.
  std::string adopted_id;
  std::string adopted_name;
  std::vector<PublishedPort> ports;
};

/// A move as the journal keeps it. Holds no environment values and no labels: they may be secrets.
struct MoveRecord {
  MoveId id;
  ContainerName container;  ///< Of the one that moves, or the name of the unit that moves as one.
  std::vector<MoveMember> members;  ///< In the order they start in; at least one.
  HostId from;
  HostId to;
  Strategy strategy = Strategy::warm;
  std::string reason;
  MoveId after;   ///< The move that has to end well before this one begins; empty: none.
  MoveId undoes;  ///< The retired move that this one takes back; empty for any other.
  MoveProgress progress{MoveState::planned, std::nullopt};
  std::uint64_t epoch = 0;
  std::uint64_t order = 0;  ///< order_number() of the command under way; not kept.
  TimePoint created;
  std::optional<TimePoint> finished;
  Prediction predicted;
  Demand demand;
  MoveActual actual;
  std::string error;                 ///< Why it failed, or what was left over.
  std::vector<PrecopyRound> rounds;  ///< Of copying ahead, by this driver.
  /// The stop that the workload's owner can bear (plimsoll.max-downtime). Absent: any.
  std::optional<Duration> downtime_max;
  std::vector<StepRecord> steps;

  [[nodiscard]] std::string temporary_name(const MoveMember& member) const {
    return member.container.str() + "--plimsoll-" + id.str();
  }
  [[nodiscard]] std::string retired_name(const MoveMember& member) const {
    return member.container.str() + "--retired-" + id.str();
  }
};

/// Whether a container is one of those that move.
[[nodiscard]] bool has_member(const MoveRecord& record, const ContainerName& container);

/// A person asked for it with `plimsoll migrate`.
[[nodiscard]] bool is_by_hand(const MoveRecord& record);

/// A new id: 12 lower-case letters and digits from the kernel's randomness.
[[nodiscard]] MoveId make_move_id();
/// Whether a text has an id's form.
[[nodiscard]] bool is_move_id(std::string_view text);

/// The document of `show ID --json` (DESIGN 2a).
[[nodiscard]] std::string render_json(const MoveRecord& record);
/// The document of `history --json`: {"moves": […]}.
[[nodiscard]] std::string render_json(const std::vector<MoveRecord>& records);
/// For people: what moved where and why, each step with its time, predicted beside actual.
[[nodiscard]] std::string render_text(const MoveRecord& record);
/// For people: a line a move.
[[nodiscard]] std::string render_text(const std::vector<MoveRecord>& records);

}  // namespace plimsoll
