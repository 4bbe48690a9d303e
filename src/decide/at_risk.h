#pragma once

#include <cstddef>
#include <vector>

#include "decide/history.h"
#include "decide/ledger.h"
#include "decide/plan.h"
#include "decide/risk_book.h"
#include "decide/spread.h"

namespace plimsoll {

/// Which hosts that were held over their lines are to be relieved for it. Lives no longer than the
/// ledger.
class OverLine {
 public:
  explicit OverLine(const Ledger& ledger);

  /// CPU that is judged by spread counts only where it lies over its line steadily.
  void judge_by(std::vector<SpreadStand> stands) { stands_ = std::move(stands); }

  [[nodiscard]] bool is_hot(std::size_t host);
  /// Requires: judge_by() was called.
  [[nodiscard]] const SpreadStand& stand(std::size_t host) const { return stands_[host]; }

 private:
  [[nodiscard]] bool is_steady(std::size_t host) const;
  [[nodiscard]] bool is_hot_without_cpu(std::size_t host);

  const Ledger& ledger_;
  Policy without_cpu_;
  std::vector<SpreadStand> stands_;
  std::vector<QuietTime> quiet_;
};

/// Says of every host at what risk it is, and calls it hot where that is more than a move costs.
/// `hosts` are those of the ledger, by name.
void mark_at_risk(const Ledger& ledger, const RiskBook& book, std::vector<HostAssessment>& hosts);

/// How every host stands where judged_by_spread(), by name.
[[nodiscard]] std::vector<HostAssessment> assess_by_spread(const Ledger& ledger);

}  // namespace plimsoll
