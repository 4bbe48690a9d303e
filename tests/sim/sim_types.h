#pragma once

// The small things that the simulated world of moves is made of. Times are true milliseconds since
// the world began, unless they are called local: those are of one host's own clock.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace plimsoll::move_sim {

using Ms = std::int64_t;

/// What goes wrong. The first befall the orchestrator, the next the network, then the
/// destination, then the source (MIGRATION, "Faults to survive").
enum class Fault {
  killed,
  journal_write_lost,  ///< It failed and is not on disk.
  journal_write_kept,  ///< It was said to have failed, and is on disk.
  journal_disk_full,
  journal_destroyed,  ///< With the orchestrator: another one has to make do with the labels.
  clock_jumps,
  second_orchestrator,  ///< On the same journal: the lock keeps it out.
  other_owner,          ///< On a journal of its own: hosts refuse it.
  host_csv_edited,
  ssh_refused,
  cut_mid_stream,
  stall,
  reply_lost,
  late_effect,  ///< The host carries the order out long after we gave up.
  one_way,      ///< For a while orders arrive and replies do not.
  host_key_changed,
  hosts_apart,  ///< The two hosts do not reach each other.
  destination_docker_restarted,
  destination_docker_down,
  destination_reboot,
  destination_disk_full,
  port_taken,
  name_taken,
  wrong_architecture,
  health_flaps,
  health_never,
  exits_at_once,
  source_docker_restarted,
  source_docker_down,
  source_reboot,
  ignores_sigterm,
  source_removed,
  source_updated,
  compose_up,
  writes_faster,
  count,
};
inline constexpr std::size_t faults = static_cast<std::size_t>(Fault::count);

/// Where in a step something goes wrong.
enum class Hook { before_act, after_act, after_record };
inline constexpr std::size_t hooks = 3;

/// A rule of safety that is broken on purpose, to see that the oracles notice.
enum class Mutation {
  none,
  source_before_proof,  ///< A copy that could not be stopped counts as stopped.
  name_before_commit,   ///< The copy gets its final name and policy before the commit is recorded.
  late_orders_obeyed,   ///< Hosts do not compare the numbers of orders.
  lease_not_named,      ///< An order to start is obeyed whatever became of its lease.
  lease_from_now,       ///< A renewal counts from its arrival, not from what was read.
  count,
};

enum class Policy { no, unless_stopped, always };
enum class NameKind { final_name, temporary, retired };
enum class RunState { created, running, exited };

/// What a container has written: for each period in which one ran, how much of it is here.
using Data = std::vector<std::pair<int, int>>;
/// Periods below zero were begun by a person behind the move's back: nobody has to have them.
[[nodiscard]] bool contains(const Data& all, const Data& part);
/// Puts `count` down for a period.
void put(Data& data, int period, int count);

struct SimContainer {
  int id = 0;
  int member = 0;
  int label = 0;       ///< The move that made it; 0 where a person did.
  int made_after = 0;  ///< Its source, as a label names it.
  NameKind name = NameKind::final_name;
  int named_by = 0;  ///< The move in a temporary or retired name.
  Policy policy = Policy::no;
  RunState state = RunState::created;
  Ms started = 0;
  int period = 0;
  int spec = 0;
  bool stopped_by_order = false;
  bool tampered = false;  ///< Started by a person while a move had it.
  bool foreign = false;   ///< Put there by a person in place of the workload's own.
  Data data;
  bool consistent = false;  ///< Its data was proven equal to its source's, or is its own.
  bool healthy = false;     ///< As it looks: only in answers.
  std::optional<Ms> dies;   ///< The engine is ending it: when its grace is over.
};

/// What an order asks of a host.
enum class Ask {
  look,
  close_move,  ///< Nothing, but that no earlier order of that move is obeyed any more.
  stage,
  create,
  send,  ///< At the source: one stream to the destination.
  receive,
  arm,
  renew,
  disarm,
  start,
  stop,
  rename,
  set_policy,
  remove,
  redirect,
  clear,  ///< Whatever else belongs to the move: stub, grants, staged parts.
};

struct SimOrder {
  Ask ask = Ask::look;
  int owner = 1;
  bool take_over = false;
  int move = 0;
  std::uint64_t number = 0;
  int container = 0;  ///< By id; 0: the copy of `member`, found by its label.
  int member = 0;
  NameKind name = NameKind::final_name;
  Policy policy = Policy::no;
  int spec = 0;
  int made_after = 0;
  Ms until_local = 0;  ///< When the lease ends; for start: which lease. 0: without one.
  Ms lease = 0;
  int boot = 0;
  bool final_round = false;
  int to = 0;  ///< send: the destination host.
  Data data;
};

struct SimAnswer {
  std::optional<Errc> error;
  Ms takes = 0;
  Ms clock_local = 0;
  int boot = 0;
  bool image = false;
  bool port_free = true;
  bool name_free = true;
  bool disk_full = false;
  bool wrong_architecture = false;
  bool redirects = false;
  std::optional<Ms> lease_until;
  std::vector<SimContainer> containers;

  [[nodiscard]] bool ok() const { return !error; }
};

[[nodiscard]] const char* fault_name(Fault fault);
[[nodiscard]] const char* mutation_name(Mutation mutation);
[[nodiscard]] const char* ask_name(Ask ask);

}  // namespace plimsoll::move_sim
