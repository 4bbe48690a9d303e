#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decide/fleet.h"
#include "decide/ledger.h"
#include "decide/spread.h"

namespace plimsoll {

/// "8.3 %", "less than 0.01 %".
[[nodiscard]] std::string describe_chance(double chance);

/// A running container and what is expected of it.
struct Resident {
  const ContainerState* container = nullptr;
  std::size_t host = 0;
  Outlook outlook;
  double newest = 0;  ///< CPU of its newest sample.
  double mean = 0;    ///< CPU over the window.
  bool gone = false;  ///< Moved, or being moved.
};

/// What is expected of every host's CPU, and at what risk it is, with all moves under way landed.
/// What a host uses besides its containers counts as steady. A container without samples is taken
/// to use its mean, with the fleet's variance. On a host that rises suddenly
/// (HostAssessment::sudden) a container is expected to use at least what it used of late, and with
/// Policy::forecast a host at least what is foreseen of it less the error of such forecasts.
/// Positions of hosts are those of FleetSnapshot::hosts. Lives no longer than the ledger.
class RiskBook {
 public:
  explicit RiskBook(const Ledger& ledger);

  [[nodiscard]] double risk(std::size_t host) const { return risks_[host]; }
  /// How hosts stand, by position.
  [[nodiscard]] std::vector<SpreadStand> stands() const;
  [[nodiscard]] double risk_without(std::size_t host, const Outlook& less) const;
  [[nodiscard]] double risk_with(std::size_t host, const Outlook& more) const;
  /// Expected use over the line.
  [[nodiscard]] double level(std::size_t host) const { return level_with(host, {}); }
  [[nodiscard]] double level_with(std::size_t host, const Outlook& more) const;
  /// How likely it wants more CPU than it has.
  [[nodiscard]] double chance_with(std::size_t host, const Outlook& more) const;

  [[nodiscard]] const Resident& resident(std::uint32_t position) const {
    return residents_[position];
  }
  /// Positions of those that run there now, by name, also if they are gone; not of what comes.
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;  ///< Exclusive.
  };
  [[nodiscard]] Range residents_of(std::size_t host) const { return ranges_[host]; }
  /// What its containers used of late counts, for it rises suddenly.
  [[nodiscard]] bool has_risen(std::size_t host) const { return risen_[host]; }
  /// Place of a host in the order of names.
  [[nodiscard]] std::uint32_t rank(std::size_t host) const { return ranks_[host]; }
  /// At most `most` of the hosts at less risk than `than` whose Docker data was read, those at the
  /// least. Valid until the next call.
  [[nodiscard]] const std::vector<std::uint32_t>& calmer(std::size_t than, std::size_t most);
  /// Of those that are not among them since their Docker data was not read, all at less risk, by
  /// name. Requires: calmer() was called.
  [[nodiscard]] std::vector<std::uint32_t> calmer_but_unread(std::size_t than) const;

  void move(std::uint32_t position, std::size_t to);

  /// Who runs on a host as it was read, and has not been moved. Empty: nobody of that name.
  [[nodiscard]] const Resident* find(const ContainerName& name, std::size_t host) const;
  /// As move(), of whoever is called so, if anybody is.
  void land(const ContainerName& name, std::size_t from, std::size_t to);
  /// What was landed there goes back.
  void take_back(const ContainerName& name, std::size_t from, std::size_t to);

  /// "h3 expects 80.1 % CPU (3.2 of 4 cores), give or take 9.8, over its line of 80, 8.3 % to want
  /// more than it has"; what does not apply is left out.
  [[nodiscard]] std::string describe(std::size_t host) const;
  /// The same without name and cores.
  [[nodiscard]] std::string describe_outlook(std::size_t host, std::string_view cores = {}) const;

 private:
  void gather();
  void gather(std::size_t host);
  void note_disturbed();
  void add_up();
  void believe_rise(Resident& resident);
  void add_foreseen(std::size_t host);
  [[nodiscard]] double besides(std::size_t host) const;
  [[nodiscard]] double newest_undisturbed(std::size_t host) const;
  [[nodiscard]] std::vector<double> series_of(std::size_t host) const;
  void land_moves_under_way();
  void shift(Resident& resident, std::size_t to);
  [[nodiscard]] std::optional<std::uint32_t> position_of(const ContainerName& name,
                                                         std::size_t host) const;
  void judge(std::size_t host);
  void judge_again(std::size_t host);
  void sort_by_risk();
  [[nodiscard]] bool is_heard(std::size_t host) const;
  [[nodiscard]] bool may_receive(std::size_t host) const;

  const Ledger& ledger_;
  double line_;
  std::vector<double> capacities_;
  std::vector<Outlook> hosts_;
  std::vector<double> risks_;
  std::vector<bool> risen_;
  std::vector<TimePoint> disturbed_;  // since when a move under way touches it
  std::vector<Resident> residents_;   // by host, both in the order of names
  std::vector<Range> ranges_;
  std::vector<std::uint32_t> ranks_;
  std::vector<Spread> spreads_;
  std::vector<std::uint32_t> calm_;
  std::vector<std::uint32_t> unread_;
  /// Risk and rank of those that may receive, sorted; made when first asked for.
  std::vector<std::pair<double, std::uint32_t>> by_risk_;
};

}  // namespace plimsoll
