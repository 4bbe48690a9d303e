#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "decide/eligible.h"
#include "docker/create_spec.h"
#include "orchestrate/docker_facts.h"
#include "orchestrate/eligibility.h"
#include "orchestrate/workload_move.h"
#include "remote/copy_tree.h"

namespace plimsoll {
namespace {

Error refused(std::string why) { return {Errc::refused, std::move(why)}; }

/// A rule that only says that a move is unwise: settled when the move was planned.
bool is_forcible(const std::string& name) {
  const auto names = rule_names();
  const auto found = std::ranges::find(names, name);
  return found != names.end() && may_be_forced(static_cast<Rule>(found - names.begin()));
}

/// Names of the containers that Docker's bridge must link it to when it starts.
std::vector<std::string> linked_containers(const ContainerInspect& container) {
  std::vector<std::string> names;
  const auto* links = member(member(container.document, "HostConfig"), "Links").if_array();
  if (links == nullptr) return names;
  for (const auto& link : *links) names.push_back(parse_link(text_of(link)).target);
  return names;
}

/// What a decision made on older data may have missed; labels cannot change after the plan, and a
/// person may have overruled them there.
Result<void> check_container(const Eligibility& eligibility) {
  for (const EligibilityRule& rule : eligibility.rules) {
    if (rule.passed || is_forcible(rule.rule)) continue;
    return refused(
        fmt::format("container '{}': {} ({})", eligibility.container, rule.detail, rule.action));
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
  auto reading = read_mount_facts(&source_.engine(), &*container);
  auto facts = co_await std::move(reading);
  if (!facts) co_return facts.error().in(record->from.str());
  // What travels together may share.
  for (MountFacts& each : *facts) {
    std::erase_if(each.users, [&](const std::string& name) {
      return has_member(*record, ContainerName{name});
    });
  }
  const auto eligibility = judge_eligibility(*container, *image, *facts, policy_, store_place());
  const auto fine = check_container(eligibility);
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
  const auto data = co_await check_mounts(&eligibility, record);
  if (!data) co_return data.error();
  member->source_id = container->id;
  member->image = container->image_id;
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
  auto missing = linked_containers(*container);
  for (const ContainerSummary& summary : *there) {
    if (summary.name == container->name) {
      co_return refused(
          fmt::format("{}: a container '{}' is there already", record->to.str(), summary.name));
    }
    std::erase(missing, summary.state == "running" ? summary.name : std::string{});
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
  if (!missing.empty()) {
    co_return refused(fmt::format("{}: container '{}' is linked to '{}', which does not run there",
                                  record->to.str(), container->name, missing.front()));
  }
  auto space = co_await check_space(container);
  co_return space;
}

Task<Result<std::vector<ContainerMount>>> WorkloadMove::copied_mounts(
    const ContainerInspect* container) {
  auto reading = read_mount_facts(&source_.engine(), container);
  const auto facts = co_await std::move(reading);
  if (!facts) co_return facts.error().in(source_.host().name.str());
  std::vector<ContainerMount> copied;
  for (const ContainerMount& mount : container->mounts) {
    const auto found = std::ranges::find(*facts, mount.destination, &MountFacts::destination);
    const MountFacts known = found == facts->end() ? MountFacts{} : *found;
    if (mount_fate(*container, mount, known, policy_) == MountFate::copied) {
      copied.push_back(mount);
    }
  }
  co_return copied;
}

std::optional<StorePlace> WorkloadMove::store_place() const {
  if (config_.store_host.empty()) return std::nullopt;
  return StorePlace{config_.store_host, config_.store_port, source_.host().address};
}

Task<Result<void>> WorkloadMove::check_bind(const MountReport* report) {
  const std::string& path = report->mount.source;
  const auto there = co_await look_at_folder(&destination_.ssh(), path);
  if (!there) co_return there.error();
  const auto& host = destination_.host().name.str();
  if (report->fate == MountFate::attached) {
    if (*there != FolderState::absent) co_return Result<void>{};
    co_return refused(fmt::format("{}: {} is not there, and is not copied", host, path));
  }
  const auto here = co_await look_at_folder(&source_.ssh(), path);
  if (!here) co_return here.error();
  if (*here == FolderState::other) {
    co_return refused(
        fmt::format("{} is not a folder: only folders are copied; mount the folder "
                    "that it lies in, or say plimsoll.allow=bind_mount",
                    path));
  }
  if (*there == FolderState::absent || *there == FolderState::empty) co_return Result<void>{};
  co_return refused(
      fmt::format("{}: {} is there already and not empty; what is in it would be overwritten. "
                  "Empty or rename it first",
                  host, path));
}

Task<Result<void>> WorkloadMove::check_mounts(const Eligibility* eligibility,
                                              const MoveRecord* record) {
  for (const MountReport& report : eligibility->mounts) {
    const ContainerMount& mount = report.mount;
    if (mount.type == "bind" && record->undoes.empty()) {
      const auto fine = co_await check_bind(&report);
      if (!fine) co_return fine.error();
    }
    // What an undo adopts has its volumes still.
    if (mount.type != "volume" || mount.anonymous || !record->undoes.empty()) continue;
    const auto there = co_await destination_.engine().inspect_volume(mount.name);
    if (report.fate == MountFate::attached) {
      if (there) continue;
      co_return refused(fmt::format("{}: the volume '{}' is not there, and is not copied",
                                    record->to.str(), mount.name));
    }
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
  const auto mounts = co_await copied_mounts(container);
  if (!mounts) co_return mounts.error();
  for (const ContainerMount& mount : *mounts) {
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
