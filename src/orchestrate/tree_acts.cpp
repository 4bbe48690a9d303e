#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "core/text.h"
#include "docker/inspect_diff.h"
#include "orchestrate/workload_move.h"
#include "remote/copy_tree.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Of the differences those that only a person makes: a stop takes away what the engine had chosen
/// itself, such as ports, which is no setting.
std::vector<std::string> different_settings(const ContainerInspect& original,
                                            const ContainerInspect& copy) {
  auto differences = unexplained_differences(original, copy);
  std::erase_if(differences, [](const std::string& each) {
    return !each.starts_with("HostConfig.") && !each.starts_with("Config.");
  });
  return differences;
}

/// The copy's volume or folder at the same place.
const ContainerMount* mount_at(const ContainerInspect& container, const std::string& destination) {
  const auto found = std::ranges::find(container.mounts, destination, &ContainerMount::destination);
  return found == container.mounts.end() ? nullptr : &*found;
}

std::vector<std::string> targets_of(const std::vector<TreePair>& pairs) {
  std::vector<std::string> folders;
  for (const TreePair& pair : pairs) folders.push_back(pair.to);
  return folders;
}

}  // namespace

/// The folder of a volume is emptied before it is filled: it must be nobody else's.
Task<Result<void>> WorkloadMove::used_by_copies_alone(ContainerMount volume,
                                                      const MoveRecord* record) {
  const auto users = co_await mount_users(&destination_.engine(), volume);
  if (!users) co_return users.error();
  for (const ContainerInspect& user : *users) {
    if (std::ranges::find(record->members, user.id, &MoveMember::copy_id) !=
        record->members.end()) {
      continue;
    }
    co_return Error{
        Errc::conflict,
        fmt::format("'{}' at the destination is also used by '{}'; nothing in it was "
                    "touched",
                    volume.type == "bind" ? volume.source : volume.name, printable(user.name))};
  }
  co_return Result<void>{};
}

/// What one member adds to the folders that have to arrive; a volume that several share only once.
Task<Result<void>> WorkloadMove::add_pairs(const MoveRecord* record, const MoveMember* member,
                                           std::vector<TreePair>* pairs) {
  const auto original = co_await inspect_source(record, member);
  if (!original) co_return original.error();
  const auto copy = co_await find_copy(record, member);
  if (!copy) co_return copy.error();
  pairs->push_back({original->upper_dir, copy->upper_dir});
  const auto mounts = co_await copied_mounts(&*original);
  if (!mounts) co_return mounts.error();
  for (const ContainerMount& mount : *mounts) {
    const ContainerMount* there = mount_at(*copy, mount.destination);
    if (there == nullptr) {
      co_return Error{Errc::io, "the copy has nothing mounted at " + printable(mount.destination)};
    }
    if (std::ranges::find(*pairs, mount.source, &TreePair::from) != pairs->end()) continue;
    const auto alone = co_await used_by_copies_alone(*there, record);
    if (!alone) co_return alone.error();
    pairs->push_back({mount.source, there->source});
  }
  co_return Result<void>{};
}

Task<Result<std::vector<TreePair>>> WorkloadMove::tree_pairs(const MoveRecord* record) {
  std::vector<TreePair> pairs;
  for (const MoveMember& member : record->members) {
    const auto added = co_await add_pairs(record, &member, &pairs);
    if (!added) co_return added.error();
  }
  co_return pairs;
}

/// Both sides stand still and are still equal, and nobody but us changed that. Gives when each
/// original was started last, so that a second look can tell whether somebody did in between.
Task<Result<std::vector<std::string>>> WorkloadMove::at_rest(const MoveRecord* record) {
  std::vector<std::string> started;
  for (const MoveMember& member : record->members) {
    const auto original = co_await inspect_source(record, &member);
    if (!original) co_return original.error();
    const auto copy = co_await find_copy(record, &member);
    if (!copy) co_return copy.error();
    const bool copy_rests = copy->state == "created" || !member.adopted_id.empty();
    if (original->state != "exited" || !copy_rests || copy->state == "running") {
      co_return Error{Errc::conflict, fmt::format("the original is {} and its copy {}: somebody "
                                                  "else started one of them",
                                                  original->state, copy->state)};
    }
    const auto differences = different_settings(*original, *copy);
    if (!differences.empty()) {
      co_return Error{Errc::conflict, fmt::format("somebody changed the original meanwhile: {}",
                                                  fmt::join(differences, "; "))};
    }
    started.push_back(original->started_at);
  }
  co_return started;
}

/// All of it through this process, and the digests of both sides compared.
Task<Result<Bytes>> WorkloadMove::copy_whole(const MoveRecord* record, TreePair pair) {
  const auto passed = co_await copy_tree(&source_.ssh(), pair.from, &destination_.ssh(), pair.to,
                                         config_.stall_timeout, tell(record, Act::final_sync));
  if (!passed) co_return passed.error();
  const Duration patience =
      config_.step_timeout + Duration{static_cast<std::int64_t>(count(*passed) / 20'000)};
  const auto equal =
      co_await verify_tree(&source_.ssh(), pair.from, &destination_.ssh(), pair.to, patience);
  if (!equal) co_return equal.error();
  co_return passed;
}

/// The way has to be granted for each folder there is; without any it is for images.
Task<Result<void>> WorkloadMove::open_way(std::vector<TreePair> pairs) {
  auto folders = targets_of(pairs);
  auto opened = co_await way_.open(std::move(folders));
  co_return opened;
}

Task<Result<std::string>> WorkloadMove::precopy(MoveRecord* record) {
  const auto pairs = co_await tree_pairs(record);
  if (!pairs) co_return pairs.error();
  const auto opened = co_await open_way(*pairs);
  if (!opened || !way_.carries_trees()) {
    co_return fmt::format("not possible, all is copied while it stands still: {}",
                          opened ? "rsync is not on both hosts" : opened.error().message);
  }
  const auto sent =
      co_await way_.send_round(*pairs, config_.stall_timeout, tell(record, Act::precopy));
  if (!sent) co_return sent.error();
  record->actual.bytes += sent->bytes;
  record->actual.transfer_s += sent->seconds;
  const Duration took{static_cast<std::int64_t>(sent->seconds * 1000)};
  record->rounds.push_back({sent->literal, took, std::nullopt});
  co_return fmt::format("round {}: {} of {} folder(s) in {:.1f} s", record->rounds.size(),
                        format_bytes(count(sent->bytes)), pairs->size(), sent->seconds);
}

/// The one that starts first stops last, and with it goes the last of everybody's data.
Task<Result<std::string>> WorkloadMove::stop_sources(MoveRecord* record) {
  stopped_at_ = Clock::now();
  const auto forwarded = co_await start_stub(record);
  if (!forwarded) log::warning("move {}: {}", record->id.str(), forwarded.error().message);
  const auto n = record->members.size();
  for (std::size_t i = n - 1; i > 0; --i) {
    const auto stopped = co_await stop_source(record, &record->members[i]);
    if (!stopped) co_return stopped;
  }
  MoveMember* first = &record->members.front();
  const auto tight = co_await stop_tightly(record, first);
  if (!tight) co_return tight.error();
  auto words = co_await stop_source(record, first);
  co_return words;
}

/// Stops and sends in one act on the source; false where that way is not open.
Task<Result<bool>> WorkloadMove::stop_tightly(MoveRecord* record, MoveMember* member) {
  if (record->rounds.empty() || !way_.is_open() || !way_.carries_trees()) co_return false;
  const auto pairs = co_await tree_pairs(record);
  if (!pairs) co_return pairs.error();
  const auto opened = co_await open_way(*pairs);
  if (!opened) co_return opened.error();
  const auto grace = config_.stall_timeout + Duration{60'000};
  auto sent = co_await way_.stop_and_send(member->source_id, false, *pairs, grace,
                                          tell(record, Act::stop_source));
  if (!sent) co_return sent.error();
  record->actual.bytes += sent->bytes;
  record->actual.held_bytes += sent->bytes;
  record->actual.transfer_s += sent->seconds;
  last_ = std::move(*sent);
  co_return true;
}

Task<Result<void>> WorkloadMove::compare_digests(std::vector<TreePair> pairs) {
  const auto there = co_await way_.digests_there(targets_of(pairs));
  if (!there) co_return there.error();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i < last_->digests.size() && (*there)[i] == last_->digests[i]) continue;
    co_return Error{Errc::io, fmt::format("the copy of {} on {} differs from {} on {}",
                                          pairs[i].from, destination_.host().name.str(),
                                          pairs[i].to, source_.host().name.str())};
  }
  co_return Result<void>{};
}

Task<Result<Bytes>> WorkloadMove::sync_over_way(const MoveRecord* record,
                                                std::vector<TreePair> pairs) {
  const auto opened = co_await open_way(pairs);
  if (!opened) co_return opened.error();
  if (!way_.carries_trees()) co_return Error{Errc::not_found, "rsync is not on both hosts"};
  Bytes bytes{};
  if (!last_) {
    auto sent =
        co_await way_.send_last(pairs, config_.stall_timeout, tell(record, Act::final_sync));
    if (!sent) co_return sent.error();
    bytes = sent->bytes;
    last_ = std::move(*sent);
  }
  const auto equal = co_await compare_digests(std::move(pairs));
  if (!equal) co_return equal.error();
  co_return bytes;
}

Result<void> WorkloadMove::within_budget(const MoveRecord& record) const {
  if (!record.downtime_max || !stopped_at_) return {};
  const auto down = std::chrono::duration_cast<Duration>(Clock::now() - *stopped_at_);
  if (down <= *record.downtime_max) return {};
  return Error{Errc::timeout,
               fmt::format("it stood still for {} already, its owner allows {}",
                           format_duration(down), format_duration(*record.downtime_max))};
}

Task<Result<std::string>> WorkloadMove::final_sync(MoveRecord* record) {
  using namespace asio::experimental::awaitable_operators;
  const auto before = co_await at_rest(record);
  if (!before) co_return before.error();
  const auto start = Clock::now();
  const auto pairs = co_await tree_pairs(record);
  if (!pairs) co_return pairs.error();
  const bool tight = last_.has_value();
  // The lease has to be armed before the start in any case: side by side it costs nothing.
  auto both = sync_over_way(record, *pairs) && arm_lease(record);
  auto [synced, armed] = co_await std::move(both);
  if (!armed) co_return armed.error();
  Bytes total{};
  if (synced) {
    total = *synced;
  } else {
    log::warning("move {}: {}: all is copied through this machine", record->id.str(),
                 synced.error().message);
    for (const TreePair& pair : *pairs) {
      const auto passed = co_await copy_whole(record, pair);
      if (!passed) co_return passed.error();
      total += *passed;
    }
  }
  const auto after = co_await at_rest(record);
  if (!after) co_return after.error();
  if (*after != *before) {
    co_return Error{Errc::conflict, "somebody started the original while its data was copied"};
  }
  if (const auto fine = within_budget(*record); !fine) co_return fine.error();
  record->actual.bytes += total;
  record->actual.held_bytes += total;
  if (!tight) record->actual.transfer_s += seconds_since(start);
  co_return fmt::format("{} folder(s), {} in {:.1f} s, digests equal", pairs->size(),
                        format_bytes(count(tight ? last_->bytes : total)), seconds_since(start));
}

}  // namespace plimsoll
