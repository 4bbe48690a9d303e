#include <fmt/format.h>

#include "core/text.h"
#include "docker/compose_unit.h"
#include "docker/create_spec.h"
#include "docker/inspect_diff.h"
#include "docker/network_spec.h"
#include "orchestrate/compose_guard.h"
#include "orchestrate/workload_move.h"
#include "remote/copy_tree.h"
#include "runtime/deadline.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration look_every{100};

std::map<std::string, std::string> labels_of(const MoveRecord& record) {
  return {{move_id_label, record.id.str()},
          {move_role_label, "copy"},
          {move_epoch_label, std::to_string(record.epoch)}};
}

json::object label_object(const json::value& labels, const MoveRecord& record) {
  json::object all;
  if (const auto* own = labels.if_object()) all = *own;
  for (const auto& [name, value] : labels_of(record)) all[name] = value;
  return all;
}

bool keeps_addresses(const ContainerInspect& container, const json::value& network,
                     const std::string& name) {
  return has_fixed_address(container, name) || has_chosen_addresses(network);
}

/// What ended while the move held its policy at "no" (an engine that comes back after a crash stops
/// what ran), and which its own policy would have started again.
bool is_owed_a_start(const ContainerInspect& container) {
  if (container.state != "exited") return false;
  if (container.restart_policy == "on-failure") return container.exit_code != 0;
  return container.restart_policy == "always" || container.restart_policy == "unless-stopped";
}

/// How the container joins one of CreateSpec::user_networks.
json::value endpoint_of(const CreateSpec& spec, const std::string& network) {
  for (const auto& [name, endpoint] : spec.more_networks) {
    if (name == network) return endpoint;
  }
  return member(member(member(spec.body, "NetworkingConfig"), "EndpointsConfig"), network);
}

Error still(const char* which, const std::string& host, const std::string& state) {
  return {Errc::conflict, fmt::format("{}: {} is {} all the same", host, which, printable(state))};
}

/// Watches a copy until it is known whether it serves.
class CopyWatch {
 public:
  CopyWatch(std::string host, Duration stable_for)
      : host_(std::move(host)), stable_for_(stable_for) {}

  /// Absent: not known yet.
  std::optional<Result<std::string>> look(const ContainerInspect& copy) {
    if (copy.state != "running") {
      return Error{Errc::refused, fmt::format("{}: the copy is {} (exit code {})", host_,
                                              copy.state, copy.exit_code)};
    }
    if (copy.health == "healthy") return std::string{"its health check passes"};
    if (copy.health == "unhealthy") {
      return Error{Errc::refused, host_ + ": the copy's health check fails"};
    }
    if (copy.started_at != started_at_) {
      started_at_ = copy.started_at;
      stable_since_ = Clock::now();
    }
    if (!copy.health.empty() || Clock::now() - stable_since_ < stable_for_) return std::nullopt;
    return fmt::format("no health check; up for {}", format_duration(stable_for_));
  }

 private:
  std::string host_;
  Duration stable_for_;
  std::string started_at_;
  Clock::time_point stable_since_ = Clock::now();
};

}  // namespace

Task<Result<void>> WorkloadMove::make_networks(const ContainerInspect* container,
                                               const CreateSpec* spec, const MoveRecord* record) {
  for (const std::string& name : spec->user_networks) {
    const auto original = co_await source_.engine().inspect_network(name);
    if (!original) co_return original.error().in(record->from.str());
    const bool same_addresses = keeps_addresses(*container, *original, name);
    const auto there = co_await find_network(&destination_.engine(), name);
    if (!there) co_return there.error().in(record->to.str());
    if (*there) {
      const auto differences = network_differences(*original, **there, same_addresses);
      if (differences.empty()) continue;
      co_return Error{Errc::refused,
                      fmt::format("{}: the network '{}' there is another one: {}", record->to.str(),
                                  name, fmt::join(differences, "; "))};
    }
    auto body = make_network_spec(*original, same_addresses);
    body.as_object()["Labels"] = label_object(member(*original, "Labels"), *record);
    const auto made = co_await destination_.engine().create_network(body);
    if (!made) co_return made.error().in(fmt::format("{}: network '{}'", record->to.str(), name));
  }
  co_return Result<void>{};
}

Task<Result<void>> WorkloadMove::make_volume(const ContainerMount* mount,
                                             const MoveRecord* record) {
  const auto original = co_await source_.engine().inspect_volume(mount->name);
  if (!original) co_return original.error().in(record->from.str());
  const json::value body{{"Name", mount->name},
                         {"Driver", "local"},
                         {"Labels", label_object(member(*original, "Labels"), *record)}};
  const auto made = co_await destination_.engine().create_volume(body);
  if (!made) {
    co_return made.error().in(fmt::format("{}: volume '{}'", record->to.str(), mount->name));
  }
  // Docker says "created" also of a volume that was there, and leaves its labels alone.
  const auto there = co_await destination_.engine().inspect_volume(mount->name);
  if (!there) co_return there.error().in(record->to.str());
  if (text_of(member(member(*there, "Labels"), move_id_label)) != record->id.str()) {
    co_return Error{Errc::conflict,
                    fmt::format("{}: somebody made a volume '{}' meanwhile; it was not touched",
                                record->to.str(), mount->name)};
  }
  co_return Result<void>{};
}

Task<Result<void>> WorkloadMove::make_volumes(const ContainerInspect* container,
                                              const MoveRecord* record) {
  const auto mounts = co_await copied_mounts(container);
  if (!mounts) co_return mounts.error();
  for (const ContainerMount& mount : *mounts) {
    Result<void> made;
    if (mount.type == "bind") {
      made = co_await claim_folder(&destination_.ssh(), mount.source);
    } else if (!mount.anonymous) {
      made = co_await make_volume(&mount, record);
    }
    if (!made) co_return made.error();
  }
  co_return Result<void>{};
}

/// Takes what a move of before retired, instead of a new one.
Task<Result<std::string>> WorkloadMove::adopt(const ContainerInspect* original, MoveRecord* record,
                                              MoveMember* member) {
  auto copy = co_await destination_.engine().inspect(member->adopted_id);
  if (!copy) co_return copy.error().in(record->to.str() + ": what was retired");
  if (copy->state == "running") {
    co_return Error{Errc::conflict, fmt::format("{}: '{}' was retired, and somebody started it",
                                                record->to.str(), printable(copy->name))};
  }
  const auto set = co_await destination_.engine().set_restart_policy(copy->id, "no", 0);
  if (!set) co_return set.error().in(record->to.str());
  if (copy->name != record->temporary_name(*member)) {
    const auto renamed =
        co_await destination_.engine().rename(copy->id, record->temporary_name(*member));
    if (!renamed) co_return renamed.error().in(record->to.str());
  }
  member->copy_id = copy->id;
  if (!compose_identity(copy->labels).empty()) {
    const auto joined = co_await join_again(original, &*copy, record);
    if (!joined) co_return joined.error();
  }
  co_return fmt::format("'{}' is taken up again", printable(member->adopted_name));
}

/// What left with its Compose project was cut from its networks (compose_guard.h), which may be
/// gone by now: they are made again as they are where it runs now.
Task<Result<void>> WorkloadMove::join_again(const ContainerInspect* original,
                                            const ContainerInspect* adopted,
                                            const MoveRecord* record) {
  const auto spec = co_await spec_of(original, record);
  if (!spec) co_return spec.error();
  const auto before = user_networks(*adopted);
  for (const std::string& network : before) {
    const auto left = co_await destination_.engine().disconnect_network(network, adopted->id);
    if (!left) co_return left.error().in(record->to.str());
  }
  const auto made = co_await make_networks(original, &*spec, record);
  if (!made) co_return made.error();
  for (const std::string& network : spec->user_networks) {
    const json::value body{{"Container", adopted->id},
                           {"EndpointConfig", endpoint_of(*spec, network)}};
    const auto joined = co_await destination_.engine().connect_network(network, body);
    if (!joined) co_return joined.error().in(record->to.str());
  }
  co_return Result<void>{};
}

Task<Result<void>> WorkloadMove::compare_copy(const ContainerInspect* original,
                                              const MoveRecord* record, const MoveMember* member) {
  const auto copy = co_await find_copy(record, member);
  if (!copy) co_return copy.error();
  const auto differences = unexplained_differences(*original, *copy);
  if (differences.empty()) co_return Result<void>{};
  co_return Error{Errc::refused, fmt::format("the move would change the container: {}",
                                             fmt::join(differences, "; "))};
}

Task<Result<CreateSpec>> WorkloadMove::spec_of(const ContainerInspect* original,
                                               const MoveRecord* record) {
  const auto image = co_await source_.engine().inspect_image(original->image_id);
  if (!image) co_return image.error().in(record->from.str());
  CreateRequest request;
  request.labels = labels_of(*record);
  request.api_version = destination_.engine().api_version();
  const auto named = co_await destination_.engine().inspect_image(original->image);
  if (named && named->id == image->id) request.image = original->image;
  co_return make_create_spec(*original, *image, request);
}

Task<Result<std::string>> WorkloadMove::make_copy(const ContainerInspect* original,
                                                  MoveRecord* record, MoveMember* member) {
  auto spec = co_await spec_of(original, record);
  if (!spec) co_return spec.error();
  const auto networks = co_await make_networks(original, &*spec, record);
  if (!networks) co_return networks.error();
  const auto volumes = co_await make_volumes(original, record);
  if (!volumes) co_return volumes.error();
  const auto created =
      co_await destination_.engine().create(record->temporary_name(*member), std::move(spec->body));
  if (!created) co_return created.error().in(record->to.str());
  member->copy_id = *created;
  for (auto& [network, endpoint] : spec->more_networks) {
    const json::value body{{"Container", *created}, {"EndpointConfig", std::move(endpoint)}};
    const auto joined = co_await destination_.engine().connect_network(network, body);
    if (!joined) co_return joined.error().in(record->to.str());
  }
  co_return fmt::format("as {}, equal in every field that matters",
                        record->temporary_name(*member));
}

Task<Result<std::string>> WorkloadMove::create_destination(MoveRecord* record, MoveMember* member) {
  const auto original = co_await inspect_source(record, member);
  if (!original) co_return original.error();
  auto making = member->adopted_id.empty() ? make_copy(&*original, record, member)
                                           : adopt(&*original, record, member);
  auto words = co_await std::move(making);
  if (!words) co_return words;
  const auto equal = co_await compare_copy(&*original, record, member);
  if (!equal) co_return equal.error();
  co_return words;
}

Task<Result<std::string>> WorkloadMove::fence_source(MoveRecord* record, MoveMember* member) {
  const auto set = co_await source_.engine().set_restart_policy(member->source_id, "no", 0);
  const auto container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  if (container->restart_policy != "no") {
    co_return set
        ? still("the source's restart policy", record->from.str(), container->restart_policy)
        : set.error().in(record->from.str());
  }
  co_return fmt::format("restart policy was '{}'", member->restart_policy);
}

Task<Result<std::string>> WorkloadMove::stop_source(MoveRecord* record, MoveMember* member) {
  stopped_at_ = Clock::now();
  const auto stopped = co_await source_.engine().stop(member->source_id, std::nullopt);
  const auto container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  if (container->state != "exited") {
    co_return stopped ? still("the source", record->from.str(), container->state)
                      : stopped.error().in(record->from.str());
  }
  co_return fmt::format("exit code {}", container->exit_code);
}

Task<Result<std::string>> WorkloadMove::start_destination(MoveRecord* record, MoveMember* member) {
  const auto found = co_await find_copy(record, member);
  if (!found) co_return found.error();
  const auto started = co_await destination_.engine().start(found->id);
  const auto copy = co_await find_copy(record, member);
  if (!copy) co_return copy.error();
  if (copy->state != "running") {
    co_return started ? still("the copy", record->to.str(),
                              fmt::format("{} (exit code {})", copy->state, copy->exit_code))
                      : started.error().in(record->to.str());
  }
  if (stopped_at_) {
    record->actual.downtime_s = std::chrono::duration<double>(Clock::now() - *stopped_at_).count();
  }
  co_return fmt::format("{:.2f} s after the order to stop", record->actual.downtime_s);
}

/// A source that somebody started meanwhile may have been written to: the copy must not be
/// committed beside it.
Task<Result<void>> WorkloadMove::source_stands_still(MoveRecord* record, MoveMember* member) {
  const auto original = co_await inspect_source(record, member);
  if (!original) co_return original.error();
  if (original->state != "running") co_return Result<void>{};
  co_return Error{Errc::conflict, fmt::format("{}: somebody started '{}' meanwhile",
                                              record->from.str(), member->container.str())};
}

Task<Result<void>> WorkloadMove::renew_lease_in_time() {
  if (!armed_at_ || Clock::now() - *armed_at_ <= config_.lease / 4) co_return Result<void>{};
  const auto renewed = co_await renew_lease();
  co_return renewed;
}

Task<Result<std::string>> WorkloadMove::check_destination(MoveRecord* record, MoveMember* member) {
  const auto begun = Clock::now();
  CopyWatch watch{record->to.str(), config_.stable_for};
  Duration patience = config_.health_timeout;
  while (Clock::now() - begun < patience) {
    const auto renewed = co_await renew_lease_in_time();
    if (!renewed) co_return renewed.error();
    const auto copy = co_await find_copy(record, member);
    if (!copy) co_return copy.error();
    if (!copy->health.empty()) patience = std::max(patience, copy->health_patience);
    auto verdict = watch.look(*copy);
    if (verdict && *verdict) {
      const auto still_down = co_await source_stands_still(record, member);
      if (!still_down) co_return still_down.error();
    }
    if (verdict) co_return std::move(*verdict);
    co_await sleep_for(look_every);
  }
  co_return Error{Errc::timeout, fmt::format("{}: the copy was not healthy within {}",
                                             record->to.str(), format_duration(patience))};
}

Task<Result<std::string>> WorkloadMove::finish_destination(MoveRecord* record, MoveMember* member) {
  auto copy = co_await find_copy(record, member);
  if (!copy) co_return copy.error();
  // The policy first: a name that somebody took must not leave the copy without it.
  const auto set = co_await destination_.engine().set_restart_policy(
      copy->id, member->restart_policy, member->restart_retries);
  Result<void> renamed;
  if (copy->name != member->container.str()) {
    renamed = co_await destination_.engine().rename(copy->id, member->container.str());
  }
  copy = co_await find_copy(record, member);
  if (!copy) co_return copy.error();
  if (copy->restart_policy != member->restart_policy) {
    co_return set ? still("the copy's restart policy", record->to.str(), copy->restart_policy)
                  : set.error().in(record->to.str());
  }
  if (copy->name != member->container.str()) {
    co_return renamed ? still("the copy's name", record->to.str(), copy->name)
                      : renamed.error().in(record->to.str());
  }
  if (is_owed_a_start(*copy)) {
    const auto started = co_await destination_.engine().start(copy->id);
    copy = co_await find_copy(record, member);
    if (!copy) co_return copy.error();
    if (copy->state != "running") {
      co_return started ? still("the copy", record->to.str(), copy->state)
                        : started.error().in(record->to.str());
    }
  }
  co_return fmt::format("as '{}', restart policy '{}'", copy->name, copy->restart_policy);
}

Task<Result<std::string>> WorkloadMove::retire_source(MoveRecord* record, MoveMember* member) {
  auto container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  if (container->state == "running") {
    // Somebody started it by hand. Two writers are worse than a surprised person.
    const auto stopped = co_await source_.engine().stop(member->source_id, std::nullopt);
    if (!stopped) co_return stopped.error().in(record->from.str());
  }
  if (container->name != record->retired_name(*member)) {
    const auto renamed =
        co_await source_.engine().rename(member->source_id, record->retired_name(*member));
    if (!renamed) co_return renamed.error().in(record->from.str());
  }
  container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  if (container->name != record->retired_name(*member) || container->state == "running") {
    co_return still("the source", record->from.str(), container->state);
  }
  const auto guarded = co_await guard_retired(&source_.engine(), member->source_id,
                                              record->to.str(), record->id.str());
  if (!guarded) log::warning("{}: {}", record->from.str(), guarded.error().message);
  const bool is_plain = !guarded || guarded->empty();
  co_return fmt::format("kept on {} as {}{}{}", record->from.str(), record->retired_name(*member),
                        is_plain ? "" : "; ", is_plain ? "" : *guarded);
}

}  // namespace plimsoll
