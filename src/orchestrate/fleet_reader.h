#pragma once

#include <set>
#include <vector>

#include "decide/fleet.h"
#include "decide/policy.h"
#include "inventory/host_list.h"
#include "orchestrate/goodput.h"
#include "orchestrate/journal.h"
#include "remote/ssh_config.h"

namespace plimsoll {

/// Adds to a snapshot what only the engines, the journal and probes know, for the hosts that are
/// worth asking. A host that cannot be asked stays as it is (`detailed` false), with a line in
/// `problems`.
class FleetReader {
 public:
  FleetReader(const asio::any_io_executor& executor, SshConfig ssh, AgentCredentials agents)
      : executor_(executor), ssh_(std::move(ssh)), goodput_(executor, std::move(agents)) {}

  /// The hosts that give (`sources`) are read with sizes; those that may receive without. Links
  /// from each source to each other host read are measured.
  /// Containers get the labels of Policy::labels that their owners have not set.
  [[nodiscard]] Task<std::vector<std::string>> read_details(FleetSnapshot* fleet, HostList hosts,
                                                            Policy policy, std::set<HostId> sources,
                                                            std::set<HostId> receivers);

 private:
  struct Wanted {
    Host host;
    HostState* state;
    bool with_sizes;
  };
  Task<> read_host(Wanted wanted, const Policy* policy, std::vector<std::string>* problems);
  Task<> read_links(Host from, std::vector<Host> to, FleetSnapshot* fleet,
                    std::vector<std::string>* problems);

  asio::any_io_executor executor_;
  SshConfig ssh_;
  Goodput goodput_;
};

/// What this machine's clock on the wall, by its time zone, is ahead of UTC at that moment.
[[nodiscard]] std::chrono::minutes local_utc_offset(TimePoint at);

/// Puts the journal's moves into a snapshot: those under way, and those since `since` with what
/// they really took.
[[nodiscard]] Result<void> add_moves(FleetSnapshot& fleet, Journal& journal, TimePoint since);

/// Takes ports off HostState::ports_in_use on which a host only forwards to where a container of
/// its own went: they are free for one that comes back. Errors: the journal's.
[[nodiscard]] Result<void> forget_forwards(FleetSnapshot& fleet, Journal& journal);

/// The hosts to read for a decision: all that are hot, and of the others that are up the
/// `receivers_max` with the most room: those at the least risk, and of equal ones by their level.
struct ReadingList {
  std::set<HostId> sources;
  std::set<HostId> receivers;
};
[[nodiscard]] ReadingList reading_list(const std::vector<HostAssessment>& hosts,
                                       std::size_t receivers_max = 8);

}  // namespace plimsoll
