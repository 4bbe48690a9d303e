#pragma once

#include <map>
#include <random>

#include "move/move_state.h"
#include "sim/sim_host.h"

namespace plimsoll::move_sim {

inline constexpr int host_count = 3;

/// How often each fault befell each act, by hook: what the tests ask the simulation about itself.
inline constexpr std::size_t act_count = static_cast<std::size_t>(Act::remove_destination) + 1;
using Coverage = std::array<std::array<std::array<std::uint32_t, hooks>, faults>, act_count>;

/// Hosts, network, clock, the faults that befall them, and the oracles that watch. Everything comes
/// from the seed.
class SimWorld : public Surroundings {
 public:
  SimWorld(std::uint64_t seed, Mutation mutation, bool keep_trace);

  // Surroundings
  [[nodiscard]] Ms now() const override { return now_; }
  [[nodiscard]] Mutation mutation() const override { return mutation_; }
  int new_number() override { return ++numbers_; }
  std::optional<Errc> stream(int from, const SimOrder& receive) override;
  void about_to_remove(const SimContainer& container) override;
  void violation(const char* what) override;

  /// One order of the orchestrator to a host, with whatever the network makes of it.
  SimAnswer call(int host, const SimOrder& order);
  /// Time passes, and what is due happens.
  void advance(Ms duration);
  /// Perhaps something goes wrong here.
  void hook(Hook where, Act act);
  /// Nothing goes wrong any more, and what is broken is mended. Late orders still arrive.
  void heal();
  /// Things may go wrong again, as often as before.
  void trouble_again() { fault_permille_ = seed_permille_; }

  [[nodiscard]] std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  [[nodiscard]] bool chance(std::uint64_t permille) { return draw(1'000) < permille; }
  [[nodiscard]] SimHost& host(int index) { return hosts_[static_cast<std::size_t>(index)]; }
  void note(const char* what, std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0);

  // The workload and who has it.
  int members = 1;
  Policy policy = Policy::always;
  struct Holder {
    int host = 0;
    int container = 0;
    bool removed_by_person = false;
    bool replaced_by_person = false;
    /// A reboot ended it, and its owner wants no restarts: nobody has to start it.
    bool may_be_down = false;
  };
  /// Per member: the container whose data counts: the source until the commit, then the copy.
  std::vector<Holder> holders;
  /// The move under way.
  int move = 0, from = 0, to = 1;
  /// Whether the retention of what was retired is over.
  bool may_clean = false;
  /// The journal on disk says so of the move.
  bool committed = false;

  // The orchestrator's own troubles, taken by the driver.
  bool killed = false;
  bool journal_destroyed = false;
  /// Somebody had to make do with labels: what they do not tell is for a person.
  bool labels_alone = false;
  std::optional<Fault> next_write;
  Ms journal_full_until = 0;
  Ms wall_offset = 0;

  /// Where each member runs is looked at: I1 and I2.
  void check();
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] const std::string& trace() const { return trace_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  struct Delivery {
    Ms at = 0;
    int host = 0;
    SimOrder order;
  };

  void inject(Fault fault);
  void inject_now(Fault fault);
  void befall_orchestrator(Fault fault, Ms window);
  void befall_network(Fault fault, Ms window);
  void befall_destination(Fault fault);
  void befall_source(Fault fault);
  void another_owner_acts();
  void person_starts_source();
  void person_removes_source(bool replaces);
  [[nodiscard]] std::optional<Fault> drawn_fault(std::uint64_t permille);
  [[nodiscard]] std::optional<Errc> cannot_reach(int host);
  SimAnswer lost(Errc code, Ms after);
  SimAnswer deliver(int host, const SimOrder& order);
  void reboot(int host);

  std::mt19937_64 random_;
  Mutation mutation_;
  bool keep_trace_;
  Ms now_ = 0;
  int numbers_ = 0;
  std::vector<SimHost> hosts_;
  std::vector<Delivery> late_;
  std::uint64_t seed_permille_ = 0;
  std::uint64_t fault_permille_ = 0;
  std::vector<Fault> chosen_;  ///< Empty: any.
  std::optional<Fault> next_call_;
  /// One fault of each seed is no matter of chance: seeds take the acts, faults and hooks in turn.
  struct Appointment {
    Act act;
    Fault fault;
    Hook where;
  };
  std::optional<Appointment> appointed_;
  /// Of some seeds: the order of a kind that sticks in a partition's buffers, the host silent with
  /// it, is no matter of chance, so that each kind has its turn.
  Ask plot_ask_ = Ask::look;
  int plot_in_ = -1;
  Ms hosts_apart_until_ = 0;
  std::array<Ms, host_count> refused_until_{};
  std::array<Ms, host_count> one_way_until_{};
  std::array<Ms, host_count> not_in_csv_until_{};
  std::array<Ms, host_count> key_changed_until_{};
  Act act_ = Act::preflight;
  std::string broken_;
  std::uint64_t digest_ = 14'695'981'039'346'656'037ULL;
  std::string trace_;
  Coverage coverage_{};
};

}  // namespace plimsoll::move_sim
