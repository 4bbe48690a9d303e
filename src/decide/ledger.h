#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decide/fleet.h"
#include "decide/history.h"
#include "decide/learned.h"
#include "decide/plan.h"
#include "decide/policy.h"
#include "decide/predict.h"

namespace plimsoll {

class RiskBook;

/// A container on its way to a host.
struct Arrival {
  ContainerName name;
  std::vector<PublishedPort> ports;
  std::string apart;    ///< Its plimsoll.apart, or empty.
  Bytes reservation{};  ///< Of memory.
};

/// One host as it will be when all moves under way and all moves of this plan have landed.
struct HostBook {
  const HostState* state = nullptr;
  HostAssessment seen;
  Utilisation load;   ///< Of its quiet time, less what leaves and with what comes.
  Utilisation crowd;  ///< For receiving: never below `high`, and nothing taken off before it left.
  int moves = 0;      ///< Giving and receiving.
  Bytes incoming{};   ///< To be written at Docker's root.
  std::vector<Arrival> arriving;
  std::optional<TimePoint> last_move;  ///< End of the newest past move.
};

/// A move entered into the books.
struct Entry {
  std::size_t from = 0;
  std::size_t to = 0;
  Arrival arrival;
  Demand demand;
  bool counts = true;    ///< As a move at once: of a unit only one does.
  bool in_turn = false;  ///< What is entered after it waits until it has ended: its room is free.
};

/// `used` with `demand` added (sign 1) or taken away (sign -1), never below 0. Storage is added
/// but not taken away: what was moved stays at the source for the retention.
[[nodiscard]] Utilisation with_demand(const Utilisation& used, const Demand& demand,
                                      const Capacity& capacity, int sign);

/// The books of one decision: every host with all moves landed, the links, and what the past says
/// of each container. Positions are those of FleetSnapshot::hosts.
/// Lives no longer than the fleet and the policy.
class Ledger {
 public:
  Ledger(const FleetSnapshot& fleet, const Policy& policy, TimePoint now);

  [[nodiscard]] const FleetSnapshot& fleet() const { return fleet_; }
  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] const HostBook& book(std::size_t host) const { return books_[host]; }
  /// Positions in the order of the hosts' names.
  [[nodiscard]] const std::vector<std::size_t>& by_name() const { return by_name_; }
  [[nodiscard]] std::optional<std::size_t> find(const HostId& name) const;
  [[nodiscard]] int moves() const { return moves_; }

  [[nodiscard]] const Learned& learned() const { return learned_; }
  [[nodiscard]] Way way(std::size_t from, std::size_t to) const;
  [[nodiscard]] MoveMemory memory_of(const ContainerName& name, std::size_t host) const;
  /// It is being moved, or a move of it has been entered.
  [[nodiscard]] bool is_under_way(const ContainerName& name, std::size_t from) const;
  /// Some host has the image.
  [[nodiscard]] bool has_image_elsewhere(const std::string& image_id, std::size_t than);

  /// From here on a host's CPU is judged by its risk too, and what is entered is landed there.
  /// Requires: `risks` outlives the ledger's use.
  void watch(RiskBook* risks) { risks_ = risks; }
  [[nodiscard]] const RiskBook* risks() const { return risks_; }

  void enter(const Entry& entry);
  /// Undoes what was entered, the newest first.
  void strike(std::size_t entries);

 private:
  struct Before {
    std::size_t from, to;
    HostBook from_book, to_book;
    bool counted;
    ContainerName container;
  };

  void open_books(const std::vector<QuietTime>& quiet);
  void read_links();
  void enter_under_way();
  void count_images();

  const FleetSnapshot& fleet_;
  const Policy& policy_;
  TimePoint now_;
  HostIndex index_;
  MoveHistory history_;
  Learned learned_;
  std::vector<HostBook> books_;
  std::vector<std::size_t> by_name_;
  std::unordered_map<std::uint64_t, const Link*> links_;
  std::unordered_map<std::string_view, unsigned> image_holders_;  ///< Filled when first asked.
  std::vector<Before> undo_;
  RiskBook* risks_ = nullptr;
  int moves_ = 0;
};

}  // namespace plimsoll
