#pragma once

#include <functional>
#include <memory>
#include <string>

#include "decide/policy.h"
#include "fleet/fleet_view.h"
#include "inventory/host_list.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

/// Gives what GET /api/v1/fleet answers.
class FleetSource {
 public:
  virtual ~FleetSource() = default;
  [[nodiscard]] virtual Task<Result<std::string>> fleet_json() = 0;
};

/// The fleet as the store knows it. An answer serves everybody who asks while it is made and within
/// `fresh_for`, so that many open pages cost the store no more than one.
/// Thread: used from one executor.
class StoreFleetSource final : public FleetSource {
 public:
  static constexpr Duration fresh_for{1'000};

  /// `hosts` gives the list in force. Requires: the store outlives it.
  StoreFleetSource(Store& store, std::function<HostList()> hosts, Policy policy,
                   WallClock clock = wall_clock_now)
      : store_(store),
        hosts_(std::move(hosts)),
        policy_(std::move(policy)),
        clock_(std::move(clock)) {}

  [[nodiscard]] Task<Result<std::string>> fleet_json() override;
  void set_policy(Policy policy) { policy_ = std::move(policy); }

 private:
  /// One reading of the store that others wait for.
  struct Flight {
    asio::steady_timer ended;
    Result<std::string> answer;
  };
  class Landing;
  [[nodiscard]] Task<Result<std::string>> read(TimePoint now);

  Store& store_;
  std::function<HostList()> hosts_;
  Policy policy_;
  WallClock clock_;
  std::string json_;
  TimePoint made_at_ = TimePoint::min();
  std::shared_ptr<Flight> flight_;
  ReadingMemory memory_;
};

}  // namespace plimsoll
