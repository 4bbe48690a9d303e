#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "decide/plan.h"
#include "move/migration.h"

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
};

/// A move as the journal keeps it. Holds no environment values and no labels: they may be secrets.
struct MoveRecord {
  MoveId id;
  ContainerName container;
  HostId from;
  HostId to;
  std::string strategy = "cold";
  std::string reason;
  MoveProgress progress{MoveState::planned, std::nullopt};
  std::uint64_t epoch = 0;
  TimePoint created;
  std::optional<TimePoint> finished;
  Prediction predicted;
  Demand demand;
  MoveActual actual;
  std::string error;  ///< Why it failed, or what was left over.
  // What must survive a crash to be put back.
  std::string source_id;  ///< All 64 digits; empty before the preflight.
  std::string copy_id;
  std::string restart_policy;
  std::int64_t restart_retries = 0;
  std::vector<StepRecord> steps;

  [[nodiscard]] std::string temporary_name() const {
    return container.str() + "--plimsoll-" + id.str();
  }
  [[nodiscard]] std::string retired_name() const {
    return container.str() + "--retired-" + id.str();
  }
};

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
