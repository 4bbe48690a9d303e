#include <fmt/format.h>

#include "core/text.h"
#include "docker/create_spec.h"
#include "docker/inspect_diff.h"
#include "orchestrate/move_acts.h"
#include "runtime/deadline.h"

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

bool has_fixed_address(const ContainerInspect& container, const std::string& network) {
  const auto& endpoint =
      member(member(member(container.document, "NetworkSettings"), "Networks"), network);
  return !is_unset(member(member(endpoint, "IPAMConfig"), "IPv4Address"));
}

Error still(const char* which, const std::string& host, const std::string& state) {
  return {Errc::conflict, fmt::format("{}: {} is {} all the same", host, which, printable(state))};
}

}  // namespace

Task<Result<void>> ColdMove::make_networks(const ContainerInspect& container,
                                           const CreateSpec& spec, const MoveRecord& record) {
  for (const std::string& name : spec.user_networks) {
    const auto there = co_await destination_.engine().inspect_network(name);
    if (there) continue;
    if (there.error().code != Errc::not_found) co_return there.error().in(record.to.str());
    const auto original = co_await source_.engine().inspect_network(name);
    if (!original) co_return original.error().in(record.from.str());
    auto body = make_network_spec(*original, has_fixed_address(container, name));
    body.as_object()["Labels"] = label_object(member(*original, "Labels"), record);
    const auto made = co_await destination_.engine().create_network(std::move(body));
    if (!made) co_return made.error().in(fmt::format("{}: network '{}'", record.to.str(), name));
  }
  co_return Result<void>{};
}

Task<Result<void>> ColdMove::make_volumes(const ContainerInspect& container,
                                          const MoveRecord& record) {
  for (const ContainerMount& mount : container.mounts) {
    if (mount.type != "volume" || mount.anonymous) continue;
    const auto original = co_await source_.engine().inspect_volume(mount.name);
    if (!original) co_return original.error().in(record.from.str());
    json::object body;
    body["Name"] = mount.name;
    body["Driver"] = "local";
    body["Labels"] = label_object(member(*original, "Labels"), record);
    const auto made = co_await destination_.engine().create_volume(std::move(body));
    if (!made)
      co_return made.error().in(fmt::format("{}: volume '{}'", record.to.str(), mount.name));
  }
  co_return Result<void>{};
}

Task<Result<std::string>> ColdMove::create_destination(MoveRecord& record) {
  const auto original = co_await inspect_source(record);
  if (!original) co_return original.error();
  const auto image = co_await source_.engine().inspect_image(original->image_id);
  if (!image) co_return image.error().in(record.from.str());
  auto spec = make_create_spec(*original, *image, labels_of(record));
  if (!spec) co_return spec.error();
  const auto networks = co_await make_networks(*original, *spec, record);
  if (!networks) co_return networks.error();
  const auto volumes = co_await make_volumes(*original, record);
  if (!volumes) co_return volumes.error();
  const auto created =
      co_await destination_.engine().create(record.temporary_name(), std::move(spec->body));
  if (!created) co_return created.error().in(record.to.str());
  record.copy_id = *created;
  for (auto& [network, endpoint] : spec->more_networks) {
    json::object body;
    body["Container"] = *created;
    body["EndpointConfig"] = std::move(endpoint);
    const auto joined = co_await destination_.engine().connect_network(network, std::move(body));
    if (!joined) co_return joined.error().in(record.to.str());
  }
  const auto copy = co_await find_copy(record);
  if (!copy) co_return copy.error();
  const auto differences = unexplained_differences(*original, *copy);
  if (!differences.empty()) {
    co_return Error{Errc::refused, fmt::format("the move would change the container: {}",
                                               fmt::join(differences, "; "))};
  }
  co_return fmt::format("as {}, equal in every field that matters", record.temporary_name());
}

Task<Result<std::string>> ColdMove::fence_source(MoveRecord& record) {
  const auto set = co_await source_.engine().set_restart_policy(record.source_id, "no", 0);
  const auto container = co_await inspect_source(record);
  if (!container) co_return container.error();
  if (container->restart_policy != "no") {
    co_return set
        ? still("the source's restart policy", record.from.str(), container->restart_policy)
        : set.error().in(record.from.str());
  }
  co_return fmt::format("restart policy was '{}'", record.restart_policy);
}

Task<Result<std::string>> ColdMove::stop_source(MoveRecord& record) {
  stopped_at_ = Clock::now();
  const auto stopped = co_await source_.engine().stop(record.source_id, std::nullopt);
  const auto container = co_await inspect_source(record);
  if (!container) co_return container.error();
  if (container->state != "exited") {
    co_return stopped ? still("the source", record.from.str(), container->state)
                      : stopped.error().in(record.from.str());
  }
  co_return fmt::format("exit code {}", container->exit_code);
}

Task<Result<std::string>> ColdMove::start_destination(MoveRecord& record) {
  const auto found = co_await find_copy(record);
  if (!found) co_return found.error();
  const auto started = co_await destination_.engine().start(found->id);
  const auto copy = co_await find_copy(record);
  if (!copy) co_return copy.error();
  if (copy->state != "running") {
    co_return started ? still("the copy", record.to.str(),
                              fmt::format("{} (exit code {})", copy->state, copy->exit_code))
                      : started.error().in(record.to.str());
  }
  if (stopped_at_) {
    record.actual.downtime_s = std::chrono::duration<double>(Clock::now() - *stopped_at_).count();
  }
  co_return fmt::format("{:.2f} s after the order to stop", record.actual.downtime_s);
}

Task<Result<std::string>> ColdMove::check_destination(MoveRecord& record) {
  const auto begun = Clock::now();
  std::string started_at;
  auto stable_since = begun;
  while (Clock::now() - begun < config_.health_timeout) {
    const auto copy = co_await find_copy(record);
    if (!copy) co_return copy.error();
    if (copy->state != "running") {
      co_return Error{Errc::refused, fmt::format("{}: the copy is {} (exit code {})",
                                                 record.to.str(), copy->state, copy->exit_code)};
    }
    if (copy->health == "healthy") co_return std::string{"its health check passes"};
    if (copy->health == "unhealthy") {
      co_return Error{Errc::refused, record.to.str() + ": the copy's health check fails"};
    }
    if (copy->started_at != started_at) {
      started_at = copy->started_at;
      stable_since = Clock::now();
    }
    const bool checked = !copy->health.empty();
    if (!checked && Clock::now() - stable_since >= config_.stable_for) {
      co_return fmt::format("no health check; up for {}", format_duration(config_.stable_for));
    }
    co_await sleep_for(look_every);
  }
  co_return Error{Errc::timeout,
                  fmt::format("{}: the copy was not healthy within {}", record.to.str(),
                              format_duration(config_.health_timeout))};
}

Task<Result<std::string>> ColdMove::finish_destination(MoveRecord& record) {
  auto copy = co_await find_copy(record);
  if (!copy) co_return copy.error();
  if (copy->name != record.container.str()) {
    const auto renamed = co_await destination_.engine().rename(copy->id, record.container.str());
    if (!renamed) co_return renamed.error().in(record.to.str());
  }
  const auto set = co_await destination_.engine().set_restart_policy(
      copy->id, record.restart_policy, record.restart_retries);
  copy = co_await find_copy(record);
  if (!copy) co_return copy.error();
  if (copy->name != record.container.str() || copy->restart_policy != record.restart_policy) {
    co_return set ? still("the copy's name or restart policy", record.to.str(), copy->name)
                  : set.error().in(record.to.str());
  }
  co_return fmt::format("as '{}', restart policy '{}'", copy->name, copy->restart_policy);
}

Task<Result<std::string>> ColdMove::retire_source(MoveRecord& record) {
  auto container = co_await inspect_source(record);
  if (!container) co_return container.error();
  if (container->state == "running") {
    // Somebody started it by hand. Two writers are worse than a surprised person.
    const auto stopped = co_await source_.engine().stop(record.source_id, std::nullopt);
    if (!stopped) co_return stopped.error().in(record.from.str());
  }
  if (container->name != record.retired_name()) {
    const auto renamed = co_await source_.engine().rename(record.source_id, record.retired_name());
    if (!renamed) co_return renamed.error().in(record.from.str());
  }
  container = co_await inspect_source(record);
  if (!container) co_return container.error();
  if (container->name != record.retired_name() || container->state == "running") {
    co_return still("the source", record.from.str(), container->state);
  }
  co_return fmt::format("kept on {} as {}", record.from.str(), record.retired_name());
}

}  // namespace plimsoll
