#include "sim/sim_types.h"

#include <algorithm>

namespace plimsoll::move_sim {
namespace {

constexpr std::array fault_names{"killed",
                                 "journal_write_lost",
                                 "journal_write_kept",
                                 "journal_disk_full",
                                 "journal_destroyed",
                                 "clock_jumps",
                                 "second_orchestrator",
                                 "other_owner",
                                 "host_csv_edited",
                                 "ssh_refused",
                                 "cut_mid_stream",
                                 "stall",
                                 "reply_lost",
                                 "late_effect",
                                 "one_way",
                                 "host_key_changed",
                                 "hosts_apart",
                                 "destination_docker_restarted",
                                 "destination_docker_down",
                                 "destination_reboot",
                                 "destination_disk_full",
                                 "port_taken",
                                 "name_taken",
                                 "wrong_architecture",
                                 "health_flaps",
                                 "health_never",
                                 "exits_at_once",
                                 "source_docker_restarted",
                                 "source_docker_down",
                                 "source_reboot",
                                 "ignores_sigterm",
                                 "source_removed",
                                 "source_updated",
                                 "compose_up",
                                 "writes_faster"};
static_assert(fault_names.size() == faults);

constexpr std::array mutation_names{"none",
                                    "source_before_proof",
                                    "name_before_commit",
                                    "late_orders_obeyed",
                                    "lease_not_named",
                                    "lease_from_now"};
static_assert(mutation_names.size() == static_cast<std::size_t>(Mutation::count));

constexpr std::array ask_names{"look",       "close_move", "stage",    "create", "send", "receive",
                               "arm",        "renew",      "disarm",   "start",  "stop", "rename",
                               "set_policy", "remove",     "redirect", "clear"};

}  // namespace

bool contains(const Data& all, const Data& part) {
  return std::ranges::all_of(part, [&](const auto& wanted) {
    if (wanted.first < 0) return true;
    return std::ranges::any_of(all, [&](const auto& here) {
      return here.first == wanted.first && here.second >= wanted.second;
    });
  });
}

void put(Data& data, int period, int count) {
  for (auto& [known, value] : data) {
    if (known != period) continue;
    value = count;
    return;
  }
  data.emplace_back(period, count);
}

const char* fault_name(Fault fault) { return fault_names[static_cast<std::size_t>(fault)]; }
const char* mutation_name(Mutation mutation) {
  return mutation_names[static_cast<std::size_t>(mutation)];
}
const char* ask_name(Ask ask) { return ask_names[static_cast<std::size_t>(ask)]; }

}  // namespace plimsoll::move_sim
