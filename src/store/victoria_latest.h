#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/victoria_client.h"

namespace plimsoll {

/// Finds the newest point of each series in VictoriaMetrics, which has no such query: where the
/// last sample of `info` is, then the raw samples of that moment. What is not new any more is kept
/// by heart, so that silent series do not make each call read a day.
/// Thread: as Store.
class VictoriaLatest {
 public:
  /// A series is looked for afresh if it was seen within this time. Ours.
  static constexpr Duration recent = std::chrono::minutes{5};
  /// The whole reach is looked through as often as this. Ours.
  static constexpr Duration look_back_every = std::chrono::minutes{10};

  /// Requires: `client` outlives it.
  explicit VictoriaLatest(VictoriaClient& client) : client_(client) {}

  [[nodiscard]] Task<Result<std::vector<Point>>> read(LatestQuery query,
                                                      std::map<std::string, FieldType> types);
  /// To be told of each point that is written, since an old one may be the newest of a silent
  /// series.
  void written(const Point& point);
  /// Points that are known by heart: of no more than what was asked for.
  [[nodiscard]] std::size_t known_points() const;

 private:
  using Found = std::map<TagMap, Point>;
  struct Known {
    Found points;
    TimePoint since;       ///< Everything newer was looked through …
    TimePoint looked_at;   ///< … at this time.
    bool outdated = true;  ///< Something older was written since.
  };
  struct Wanted {
    LatestQuery query;
    std::map<std::string, FieldType> types;
  };
  /// Measurement and fields.
  using Key = std::pair<std::string, std::vector<std::string>>;
  static Key key_of(const LatestQuery& query) { return {query.measurement, query.fields}; }

  [[nodiscard]] Task<Result<Found>> points_at(std::vector<VictoriaLast> last, Wanted wanted,
                                              TimePoint now);
  [[nodiscard]] Task<Result<void>> fetch(std::vector<VictoriaLast> group, Wanted wanted,
                                         Found* found);
  [[nodiscard]] bool knows_the_rest(const LatestQuery& query, TimePoint now) const;
  void learn(const LatestQuery& query, const Found& found, bool all, TimePoint now);

  VictoriaClient& client_;
  std::map<Key, Known> known_;
};

}  // namespace plimsoll
