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

  /// What a move of a container of this image on this way will be like, as moves have shown: of the
  /// image as far as it is known, else of all; of the restart of the image alone. `way`: as way()
  /// gave it.
  [[nodiscard]] Experience experience(std::size_t from, std::size_t to, const Way& way,
                                      const std::string& image_id) const;

 private:
  struct Mean {
    double logs = 0;
    double weight = 0;
    void add(double value, double by);
    /// Together with a guess that counts as much as a move `by` weight.
    [[nodiscard]] double with(double guess, double by) const;
  };
  /// A figure for each key, and for all, which is the guess where a key is not known.
  template <class Key>
  struct Means {
    std::unordered_map<Key, Mean> each;
    Mean all;
    void add(const std::optional<Key>& key, double value, double weight) {
      all.add(value, weight);
      if (key) each[*key].add(value, weight);
    }
    [[nodiscard]] double of(const Key& key, double guess) const;
  };
  /// A move and what is told of it everywhere.
  struct Lesson {
    const PastMove* move;
    std::optional<std::uint64_t> way;  ///< Its key; absent: a host is no longer there.
    std::optional<std::string_view> image;
    double weight;
  };

  void learn_extra(const Lesson& lesson);
  void learn_rate(const Lesson& lesson);
  void learn_image(const Lesson& lesson);
  void learn_shares(const Lesson& lesson);
  void learn_restart(const Lesson& lesson);
  [[nodiscard]] double extra_of(const std::optional<std::string_view>& image) const;
  /// What this way gives: as bulk showed, else as a probe says, else as assumed.
  [[nodiscard]] double rate_of(const Lesson& lesson) const;

  double assumed_bytes_per_s_;
  double assumed_restart_s_;
  double assumed_trips_s_;
  std::unordered_map<std::uint64_t, double> probes_;
  Means<std::uint64_t> links_;           ///< Data's bytes per second, by way.
  Means<std::uint64_t> loads_;           ///< Written bytes of images per second, by way.
  Means<std::string_view> extras_;       ///< Experience::data_extra_s, by image.
  Means<std::string_view> restarts_;     ///< By image.
  Means<std::string_view> image_share_;  ///< SentShare::image, by image.
  Means<std::string_view> data_share_;
  Means<std::string_view> held_share_;
};

}  // namespace plimsoll
