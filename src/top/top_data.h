#pragma once

#include <string>
#include <vector>

#include "core/time.h"
#include "core/units.h"
#include "fleet/fleet_view.h"

namespace plimsoll {

/// A move as the journal knows it, made ready to be shown.
struct MoveLine {
  enum class Stage { waiting, under_way, succeeded, failed };
  std::string id;
  std::string container;
  std::string from;
  std::string to;
  Stage stage = Stage::under_way;
  std::string state;        ///< As MIGRATION names it: "ImageStaged".
  Duration elapsed{0};      ///< Since it began; of an ended one, how long it took.
  Bytes moved{};            ///< By the steps that have ended.
  Bytes predicted_bytes{};  ///< 0: nothing was predicted.
  std::string doing;        ///< The transfer under way: how far, how fast, how long yet.
  double predicted_s = 0;   ///< Transfer and stop. 0: nothing was predicted.
  double downtime_s = 0;    ///< Of an ended one.
  std::string error;        ///< Why it failed.
};

/// All that is shown at one moment.
struct TopData {
  FleetView view;
  std::vector<MoveLine> moves;  ///< Those under way and waiting, oldest first, then ended ones.
  bool read = false;            ///< The store was read at least once.
  bool live = true;             ///< Not as it was at some time in the past.
  std::string trouble;          ///< Why there is nothing newer. Empty: this is the newest.
};

}  // namespace plimsoll
