#pragma once

#include <string>
#include <vector>

#include "simulate/balancing_run.h"

namespace plimsoll {

/// Runs for people: a table for each fleet, a row for each policy.
[[nodiscard]] std::string balancing_text(const std::vector<BalancingRun>& runs);

/// Runs for programs, one line (docs/formats/simulate.md).
[[nodiscard]] std::string balancing_json(const std::vector<BalancingRun>& runs);

/// Runs as one page of HTML with charts, which loads nothing from anywhere. Two runs of the same
/// thing give the same page but for the time of a decision.
[[nodiscard]] std::string balancing_html(const std::vector<BalancingRun>& runs);

/// A page around `body`, with the style that charts and tables count on.
[[nodiscard]] std::string report_page(const std::string& body);

/// O100 against moves of all runs of a fleet, as SVG: policies of one name with different settings
/// (what follows a space in BalancingRun::policy) are joined by a line. For a page of its own, or,
/// with `colours` false, inside one that sets them.
[[nodiscard]] std::string front_svg(const std::vector<BalancingRun>& runs, bool colours = true);

/// The runs cut where the fleet or its density changes.
[[nodiscard]] std::vector<std::vector<BalancingRun>> by_fleet(std::vector<BalancingRun> runs);

}  // namespace plimsoll
