#pragma once

#include "sim/sim_types.h"

namespace plimsoll::move_sim {

inline constexpr Ms second = 1'000;
inline constexpr Ms minute = 60 * second;
/// What a container gets between SIGTERM and SIGKILL.
inline constexpr Ms grace = 10 * second;
inline constexpr std::size_t moves_max = 4;

/// What a host sees of the world around it.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  [[nodiscard]] virtual Ms now() const = 0;
  [[nodiscard]] virtual Mutation mutation() const = 0;
  virtual int new_number() = 0;
  /// Carries a stream from one host to another, as far as it gets.
  virtual std::optional<Errc> stream(int from, const SimOrder& receive) = 0;
  virtual void about_to_remove(const SimContainer& container) = 0;
  virtual void violation(const char* what) = 0;
};

/// One host: an engine, a fence, leases on its own clock, and what `plimsoll hand` does there.
class SimHost {
 public:
  SimHost(int index, int clock_ppm, Surroundings& around)
      : index_(index), clock_ppm_(clock_ppm), around_(around) {}

  /// Does what the fence lets pass.
  SimAnswer handle(const SimOrder& order);
  /// What is due now happens.
  void tick();
  [[nodiscard]] Ms next_due() const;

  [[nodiscard]] bool up() const { return !boots_at_; }
  [[nodiscard]] int owner() const { return owner_; }
  [[nodiscard]] Ms local(Ms time) const;
  [[nodiscard]] bool healthy(const SimContainer& container) const;
  [[nodiscard]] std::vector<SimContainer>& containers() { return containers_; }
  [[nodiscard]] SimContainer* find(int id);
  [[nodiscard]] SimContainer* copy_of(int move, int member);
  /// Its data, with what the running period wrote until now.
  const Data& data_of(SimContainer& container);
  /// Leases, stubs and staged parts that still belong to a move.
  [[nodiscard]] bool has_traces_of(int move) const;

  void run(SimContainer& container);
  void end(SimContainer& container);
  void docker_restarted();
  void docker_down_until(Ms time);
  void reboot_until(Ms time);
  void heal();

  bool disk_full = false;
  bool port_taken = false;
  bool name_taken = false;
  bool wrong_architecture = false;
  bool flaps = false;
  bool never_healthy = false;
  bool exits_at_once = false;
  bool ignores_sigterm = false;
  bool writes_faster = false;
  bool image = false;

 private:
  struct Lease {
    int move = 0;
    Ms name_local = 0;  ///< When it was to end at first: an order to start names it by this.
    Ms until_local = 0;
    bool fired = false;
  };

  [[nodiscard]] std::optional<Errc> admit(const SimOrder& order);
  void answer_look(SimAnswer& answer, int move);
  void carry_out(const SimOrder& order, SimAnswer& answer);
  void with_engine(const SimOrder& order, SimAnswer& answer);
  std::optional<Errc> create(const SimOrder& order);
  std::optional<Errc> send(const SimOrder& order);
  std::optional<Errc> receive(const SimOrder& order);
  std::optional<Errc> arm(const SimOrder& order);
  std::optional<Errc> renew(const SimOrder& order);
  std::optional<Errc> start(SimContainer& container, const SimOrder& order);
  std::optional<Errc> rename(SimContainer& container, const SimOrder& order);
  std::optional<Errc> remove(int id);
  Ms stop(SimContainer& container);
  [[nodiscard]] bool lease_allows(const SimOrder& order) const;
  [[nodiscard]] Ms true_time(Ms local_time) const;
  void start_by_policy();

  int index_;
  int clock_ppm_;
  Surroundings& around_;
  std::vector<SimContainer> containers_;
  int owner_ = 0;
  std::array<std::uint64_t, moves_max> newest_{};
  std::array<bool, moves_max> redirects_{};
  std::array<bool, moves_max> staged_{};
  std::optional<Lease> lease_;
  int boot_ = 1;
  Ms booted_ = 0;
  std::optional<Ms> boots_at_;
  std::optional<Ms> docker_back_at_;
};

}  // namespace plimsoll::move_sim
