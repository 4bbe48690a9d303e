#include <fmt/format.h>

#include "core/text.h"
#include "orchestrate/compose_guard.h"
#include "orchestrate/workload_move.h"
#include "remote/copy_tree.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

constexpr Duration undo_grace{10'000};

Error not_done(const std::string& host, const char* what, const std::string& state) {
  return {Errc::conflict, fmt::format("{}: {}: it is {}", host, what, printable(state))};
}

}  // namespace

Task<Result<std::string>> WorkloadMove::stop_destination(MoveRecord* record, MoveMember* member) {
  auto copy = co_await find_copy(record, member);
  if (!copy && copy.error().code == Errc::not_found) co_return std::string{"there is no copy"};
  if (!copy) co_return copy.error();
  if (copy->state == "running" || copy->state == "restarting" || copy->state == "paused") {
    const auto stopped = co_await destination_.engine().stop(copy->id, undo_grace);
    if (!stopped) co_return stopped.error().in(record->to.str());
    copy = co_await find_copy(record, member);
    if (!copy) co_return copy.error();
  }
  if (copy->state != "exited" && copy->state != "created" && copy->state != "dead") {
    co_return not_done(record->to.str(), "the copy cannot be stopped", copy->state);
  }
  co_return fmt::format("the copy is {}", copy->state);
}

Task<Result<std::string>> WorkloadMove::start_source(MoveRecord* record, MoveMember* member) {
  auto container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  if (container->state == "running" && record->progress.reached == Act::stop_source) {
    // An order to stop whose reply was lost may still be carried out, up to the end of the grace,
    // and what Docker stops by order no restart policy starts again: let it end first.
    const auto stopped = co_await source_.engine().stop(member->source_id, std::nullopt);
    if (!stopped) co_return stopped.error().in(record->from.str());
  } else if (container->state == "running") {
    co_return std::string{"it runs"};
  }
  const auto started = co_await source_.engine().start(member->source_id);
  container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  if (container->state != "running") {
    co_return started
        ? not_done(record->from.str(), "the source cannot be started again", container->state)
        : started.error().in(record->from.str());
  }
  co_return std::string{"it runs again"};
}

Task<Result<std::string>> WorkloadMove::unfence_source(MoveRecord* record, MoveMember* member) {
  const auto set = co_await source_.engine().set_restart_policy(
      member->source_id, member->restart_policy, member->restart_retries);
  const auto container = co_await inspect_source(record, member);
  if (!container && container.error().code == Errc::not_found) {
    co_return std::string{"somebody removed it"};
  }
  if (!container) co_return container.error();
  if (container->restart_policy != member->restart_policy) {
    co_return set ? not_done(record->from.str(), "its restart policy cannot be put back",
                             container->restart_policy)
                  : set.error().in(record->from.str());
  }
  // Down by a reboot while it was fenced, when nothing but the fence had been done to it.
  if (container->state == "exited" && record->progress.reached == Act::fence_source) {
    const auto started = co_await source_.engine().start(member->source_id);
    if (!started) co_return started.error().in(record->from.str());
  }
  co_return fmt::format("restart policy '{}' again", member->restart_policy);
}

/// Best effort: what stays is empty, harms nobody, and its label says whose it was.
Task<void> WorkloadMove::remove_own_parts(const MoveRecord* record) {
  const auto volumes =
      co_await destination_.engine().labelled_volumes(move_id_label, record->id.str());
  if (volumes) {
    for (const auto& name : *volumes) {
      const auto removed = co_await destination_.engine().remove_volume(name);
      if (!removed) log::warning("{}: {}", record->to.str(), removed.error().message);
    }
  }
  const auto networks =
      co_await destination_.engine().labelled_networks(move_id_label, record->id.str());
  if (networks) {
    for (const auto& name : *networks) {
      const auto removed = co_await destination_.engine().remove_network(name);
      if (!removed) log::warning("{}: {}", record->to.str(), removed.error().message);
    }
  }
}

/// Folders that this move made, or found empty, and has begun to fill. Only once the copy is gone,
/// and only where nobody else has them by now.
Task<void> WorkloadMove::empty_bind_folders(const ContainerInspect* copy,
                                            const MoveRecord* record) {
  for (const ContainerMount& mount : copy->mounts) {
    if (mount_fate(*copy, mount, MountFacts{}, policy_) != MountFate::copied) continue;
    if (mount.type != "bind") continue;
    const auto users = co_await mount_users(&destination_.engine(), mount);
    if (!users || !users->empty()) continue;
    const auto emptied = co_await empty_folder(&destination_.ssh(), mount.source);
    if (!emptied) log::warning("{}: {}", record->to.str(), emptied.error().message);
  }
}

/// What was adopted goes back to where it was: retired.
Task<Result<std::string>> WorkloadMove::put_back(const MoveRecord* record,
                                                 const MoveMember* member) {
  const auto copy = co_await find_copy(record, member);
  if (!copy) co_return copy.error();
  if (copy->name != member->adopted_name) {
    const auto renamed = co_await destination_.engine().rename(copy->id, member->adopted_name);
    if (!renamed) co_return renamed.error().in(record->to.str());
  }
  const auto guarded = co_await guard_retired(&destination_.engine(), copy->id, record->from.str(),
                                              record->undoes.str());
  if (!guarded) log::warning("{}: {}", record->to.str(), guarded.error().message);
  co_return std::string{"retired again"};
}

Task<Result<std::string>> WorkloadMove::remove_destination(MoveRecord* record, MoveMember* member) {
  if (!member->adopted_id.empty()) {
    auto words = co_await put_back(record, member);
    co_return words;
  }
  const auto copy = co_await find_copy(record, member);
  if (!copy && copy.error().code != Errc::not_found) co_return copy.error();
  if (!copy) co_return std::string{"there is no copy"};
  const auto removed = co_await destination_.engine().remove(copy->id, true);
  if (!removed && removed.error().code != Errc::not_found) {
    co_return removed.error().in(record->to.str());
  }
  co_await empty_bind_folders(&*copy, record);
  co_return std::string{"the copy is gone"};
}

Task<Result<std::string>> WorkloadMove::remove_destinations(MoveRecord* record) {
  auto words = co_await for_each(&WorkloadMove::remove_destination, record, Turn::last_to_first);
  if (words) co_await remove_own_parts(record);
  if (words) co_await leave_nothing(false);
  co_return words;
}

}  // namespace plimsoll
