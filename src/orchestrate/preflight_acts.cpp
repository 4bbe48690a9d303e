#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "decide/eligible.h"
#include "docker/create_spec.h"
#include "orchestrate/docker_facts.h"
#include "orchestrate/workload_move.h"
#include "remote/copy_tree.h"

namespace plimsoll {
namespace {

Error refused(std::string why) { return {Errc::refused, std::move(why)}; }

/// What a decision made on older data may have missed; the rules are the decision's own.
Result<void> check_container(const ContainerInspect& container, const ImageInspect& image,
                             const Policy& policy) {
  auto state = container_state(container, &image, nullptr);
  // Its use was looked at when the move was planned; here it is the container itself.
  state.cpu_cores = state.cpu_cores.value_or(0);
  state.memory = state.memory.value_or(Bytes{});
  for (const Obstacle& obstacle : obstacles_of(state, HostState{}, policy)) {
    // Labels cannot change after the plan, and a person may have overruled them there.
    if (may_be_forced(obstacle.rule)) continue;
    return refused(fmt::format("container '{}': {}", container.name, obstacle.detail));
  }
  for (const ContainerMount& mount : container.mounts) {
    if (mount.type == "bind") {
      return refused(
          fmt::format("container '{}' mounts the host's {}: strategy cold does not "
                      "carry bind mounts over; use a volume",
                      container.name, printable(mount.source)));
    }
  }
  if (container.storage_driver != "overlay2" || !is_safe_path(container.upper_dir)) {
    return refused(
        fmt::format("container '{}': its writable layer is kept by the storage driver "
                    "'{}'; only overlay2 can be carried over",
                    container.name, printable(container.storage_driver)));
  }
  return {};
}

Result<void> check_engines(const EngineFacts& from, const EngineFacts& to,
                           const ImageInspect& image) {
  if (!image.architecture.empty() && image.architecture != to.architecture) {
    return refused(fmt::format("the image is for {}, the destination is {}", image.architecture,
                               to.architecture));
  }
  if (to.storage_driver != from.storage_driver) {
    return refused(
        fmt::format("the destination's Docker keeps its data with '{}', the source's "
                    "with '{}': a writable layer cannot pass between them",
                    to.storage_driver, from.storage_driver));
  }
  return {};
}

/// What a volume's entry in the container alone says.
Result<void> check_mount(const ContainerMount& mount) {
  if (mount.driver != "local") {
    return refused(
        fmt::format("volume '{}' belongs to the driver '{}': its data is not this "
                    "host's to copy",
                    mount.name, printable(mount.driver)));
  }
  if (!is_safe_path(mount.source)) {
    return refused(fmt::format("volume '{}' lies at a path we do not send to a shell: {}",
                               printable(mount.name), printable(mount.source)));
  }
  return {};
}

}  // namespace

Task<Result<std::string>> WorkloadMove::preflight(MoveRecord* record, MoveMember* member) {
  auto container = co_await inspect_source(record, member);
  if (!container) co_return container.error();
  if (container->state != "running") {
    co_return refused(fmt::format("{}: container '{}' is {}, not running", record->from.str(),
                                  member->container.str(), printable(container->state)));
  }
  const auto image = co_await source_.engine().inspect_image(container->image_id);
  if (!image) co_return image.error().in(record->from.str());
  const auto fine = check_container(*container, *image, policy_);
  if (!fine) co_return fine.error();
  const auto from = co_await source_.engine().facts();
  if (!from) co_return from.error().in(record->from.str());
  const auto to = co_await destination_.engine().facts();
  if (!to) co_return to.error().in(record->to.str());
  const auto engines = check_engines(*from, *to, *image);
  if (!engines) co_return engines.error();
  const auto spec = make_create_spec(*container, *image, {});
  if (!spec) co_return spec.error();
  const auto host = co_await check_destination_host(&*container, record);
  if (!host) co_return host.error();
  const auto volumes = co_await check_volumes(&*container, record);
  if (!volumes) co_return volumes.error();
  member->source_id = container->id;
  member->image = container->image;
  member->ports = published_ports(*container);
  member->restart_policy = container->restart_policy;
  member->restart_retries = container->restart_retries;
  co_return fmt::format("Docker {} to {}, {}, {} published port(s), {} volume(s)", from->version,
                        to->version, to->storage_driver, published_ports(*container).size(),
                        container->mounts.size());
}

Task<Result<void>> WorkloadMove::check_destination_host(const ContainerInspect* container,
                                                        const MoveRecord* record) {
  const auto there = co_await destination_.engine().containers();
  if (!there) co_return there.error().in(record->to.str());
  const auto wanted = published_ports(*container);
  for (const ContainerSummary& summary : *there) {
    if (summary.name == container->name) {
      co_return refused(
          fmt::format("{}: a container '{}' is there already", record->to.str(), summary.name));
    }
    if (summary.state != "running" || wanted.empty()) continue;
    const auto other = co_await destination_.engine().inspect(summary.id);
    if (!other) continue;
    for (const PublishedPort& port : published_ports(*other)) {
      const bool clash = std::ranges::any_of(wanted, [&](const PublishedPort& mine) {
        return mine.port == port.port && mine.protocol == port.protocol &&
               (mine.address == port.address || mine.address.empty() || port.address.empty());
      });
      if (clash) {
        co_return refused(fmt::format("{}: port {} is taken by container '{}'", record->to.str(),
                                      port.port, other->name));
      }
    }
  }
  auto space = co_await check_space(container);
  co_return space;
}

/// A volume of the source: only the workload writes to it, and only Docker keeps it.
Task<Result<void>> WorkloadMove::check_own_volume(const ContainerMount* mount,
                                                  const MoveRecord* record) {
  const auto users = co_await source_.engine().containers_with_volume(mount->name);
  if (!users) co_return users.error().in(source_.host().name.str());
  for (const ContainerSummary& user : *users) {
    const bool travels = std::ranges::any_of(
        record->members, [&](const MoveMember& each) { return each.container.str() == user.name; });
    if (travels || user.state != "running") continue;
    co_return refused(
        fmt::format("volume '{}' is also used by container '{}': the two would part "
                    "with different data",
                    mount->name, user.name));
  }
  const auto volume = co_await source_.engine().inspect_volume(mount->name);
  if (!volume) co_return volume.error().in(source_.host().name.str());
  if (!is_unset(member(*volume, "Options"))) {
    co_return refused(
        fmt::format("volume '{}' is mounted with options of its own (a network or "
                    "other file system): its data is not this host's to copy",
                    mount->name));
  }
  co_return Result<void>{};
}

Task<Result<void>> WorkloadMove::check_volumes(const ContainerInspect* container,
                                               const MoveRecord* record) {
  for (const ContainerMount& mount : container->mounts) {
    if (mount.type != "volume") continue;
    const auto ours = check_mount(mount);
    if (!ours) co_return ours.error();
    const auto own = co_await check_own_volume(&mount, record);
    if (!own) co_return own.error();
    // What an undo adopts has its volumes still.
    if (mount.anonymous || !record->undoes.empty()) continue;
    const auto there = co_await destination_.engine().inspect_volume(mount.name);
    if (there && text_of(member(member(*there, "Labels"), move_id_label)) != record->id.str()) {
      co_return refused(
          fmt::format("{}: a volume '{}' is there already; its data would be "
                      "overwritten. Remove or rename it first",
                      record->to.str(), mount.name));
    }
  }
  co_return Result<void>{};
}

Task<Result<void>> WorkloadMove::check_space(const ContainerInspect* container) {
  const auto image = co_await source_.engine().inspect_image(container->image_id);
  if (!image) co_return image.error();
  const auto present = co_await destination_.engine().inspect_image(container->image_id);
  // An archive is unpacked beside itself: Docker needs twice its size while it loads (FACTS 9).
  double needed = present ? 0 : 2 * as_double(image->size);
  auto writable = co_await tree_bytes(&source_.ssh(), container->upper_dir);
  if (!writable) co_return writable.error();
  needed += as_double(*writable);
  for (const ContainerMount& mount : container->mounts) {
    if (mount.type != "volume") continue;
    const auto bytes = co_await tree_bytes(&source_.ssh(), mount.source);
    if (!bytes) co_return bytes.error();
    needed += as_double(*bytes);
  }
  needed *= policy_.disk_factor;
  const auto facts = co_await destination_.engine().facts();
  if (!facts) co_return facts.error();
  const auto free = co_await free_bytes(&destination_.ssh(), facts->root);
  if (!free) co_return free.error();
  if (as_double(*free) < needed) {
    co_return refused(fmt::format("{}: {} free at {}, {} needed", destination_.host().name.str(),
                                  format_bytes(count(*free)), facts->root,
                                  format_bytes(static_cast<std::uint64_t>(needed))));
  }
  co_return Result<void>{};
}

}  // namespace plimsoll
