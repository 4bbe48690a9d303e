#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "decide/fleet.h"
#include "decide/history.h"
#include "decide/policy.h"
#include "decide/predict.h"

namespace plimsoll {

/// What moves really took, as far as it tells what the next ones will take. Newer moves count for
/// more: the weight of one halves with every Policy::learn_half_life. Means are geometric, since a
/// rate is as often half of what was expected as twice of it.
/// Lives no longer than the fleet.
class Learned {
 public:
  Learned(const FleetSnapshot& fleet, const HostIndex& index, const Policy& policy, TimePoint now);

  /// What a move on this way will get: what moves there got and what a probe says, the probe as one
  /// fresh move; where neither is known what moves got elsewhere. A way that there is not stays
  /// none. Positions are those of FleetSnapshot::hosts.
  [[nodiscard]] Way way(std::size_t from, std::size_t to, const Way& known) const;

  /// Stop and start of a container of this image, without its data. Absent: no move taught it.
  /// Unit: seconds.
  [[nodiscard]] std::optional<double> restart_seconds(const std::string& image_id) const;

  /// Of what a container of this image has to write, what will be sent: as its moves, and those of
  /// others, have shown. 1 where no move taught it.
  [[nodiscard]] SentShare sent_share(const std::string& image_id) const;

 private:
  struct Mean {
    double logs = 0;
    double weight = 0;
    void add(double value, double by);
    /// Together with a guess that counts as much as a move `by` weight.
    [[nodiscard]] double with(double guess, double by) const;
  };
  void learn(const PastMove& move, const FleetSnapshot& fleet, const HostIndex& index,
             double weight);

  std::unordered_map<std::uint64_t, Mean> links_;
  Mean anywhere_;
  /// Of one kind of bytes: of an image, and of all.
  struct Shares {
    std::unordered_map<std::string_view, Mean> by_image;
    Mean anywhere;
    void add(std::string_view image, double share, double weight);
    [[nodiscard]] double of(const std::string& image_id) const;
  };

  std::unordered_map<std::string_view, Mean> restarts_;  ///< By image.
  Shares images_;                                        ///< Of moves that sent mostly an image.
  Shares data_;                                          ///< Of the others.
  Shares held_;                                          ///< SentShare::held.
  double assumed_restart_s_;
};

}  // namespace plimsoll
