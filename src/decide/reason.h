#pragma once

#include <string>
#include <string_view>

#include "decide/feasible.h"
#include "decide/ledger.h"
#include "decide/place.h"
#include "decide/plan.h"

namespace plimsoll {

/// A plan in the making: rejections past Policy::explain_max are counted, not kept.
class PlanBuilder {
 public:
  PlanBuilder(const Ledger& ledger, TimePoint now);

  [[nodiscard]] Plan& plan() { return plan_; }
  void reject_host(std::size_t host, Rule rule, std::string detail);
  void reject_container(std::size_t host, const ContainerState& container, Rule rule,
                        std::string detail);
  /// Takes back what was said of a host having no way out: one was found after all.
  void withdraw_host(std::size_t host);
  void reject_fleet(Rule rule, std::string detail);
  /// For destinations that refused a container which then found none.
  void reject_placement(const ContainerState& container, const Placement& placement);

 private:
  void add(Rejection rejection);

  const Ledger& ledger_;
  Plan plan_;
};

/// The move to `to` that a placement found, with everything but its reason.
[[nodiscard]] Move make_move(const Ledger& ledger, const Traveller& traveller, std::size_t to,
                             Placement placement);

/// What is entered into the ledger for it, `bytes` being what has to be written there.
[[nodiscard]] Entry entry_of(const Traveller& traveller, std::size_t to, Bytes bytes);

/// "1 move", "2 moves".
[[nodiscard]] std::string counted(std::size_t number, std::string_view noun);

/// format_duration of seconds, cut at ten years.
[[nodiscard]] std::string format_seconds(double seconds);

/// "0.42 cores and 30.0 MiB".
[[nodiscard]] std::string describe_demand(const Demand& demand);

/// "4.9 MiB at 107.0 MiB/s", with " (assumed)" where nobody has measured it.
[[nodiscard]] std::string describe_sending(const Prediction& predicted);

/// "h3 is the quickest of 2 with room: 4.9 MiB at 107.0 MiB/s".
[[nodiscard]] std::string describe_choice(const Ledger& ledger, std::size_t to,
                                          const Placement& placement);

}  // namespace plimsoll
