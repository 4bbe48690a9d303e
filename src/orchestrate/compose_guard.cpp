#include "orchestrate/compose_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/text.h"
#include "docker/compose_unit.h"

namespace plimsoll {
namespace {

/// What Docker prints when the container is started: "network moved-to-h2--plimsoll-show-ID not
/// found". A network's name has the characters of a container's.
std::string tie_name(const std::string& destination, const std::string& move_id) {
  return fmt::format("moved-to-{}--plimsoll-show-{}", destination, move_id);
}

const json::object& networks_of(const ContainerInspect& container) {
  static const json::object none;
  const auto* networks =
      member(member(container.document, "NetworkSettings"), "Networks").if_object();
  return networks == nullptr ? none : *networks;
}

/// Ties a stopped container to a network, and removes the network.
Task<Result<void>> tie(Engine* engine, std::string container, std::string network,
                       std::string move_id) {
  const json::value body{
      {"Name", network}, {"Internal", true}, {"Labels", {{"plimsoll.move.id", move_id}}}};
  const auto made = co_await engine->create_network(body);
  if (!made && made.error().code != Errc::conflict) co_return made.error();
  const json::value joining{{"Container", container}};
  const auto joined = co_await engine->connect_network(network, joining);
  const auto removed = co_await engine->remove_network(network);
  if (!joined) co_return joined.error();
  co_return removed;
}

/// Nothing runs in it any more: the engine lists only what runs.
bool is_deserted(const json::value& network) { return is_unset(member(network, "Containers")); }

Task<Result<bool>> replace_by_marker(Engine* engine, std::string name, std::string destination,
                                     std::string move_id) {
  const auto network = co_await engine->inspect_network(name);
  if (!network) co_return network.error();
  if (!marker_destination(*network).empty()) co_return true;
  if (!is_project_network(*network) || !is_deserted(*network)) co_return false;
  const auto removed = co_await engine->remove_network(name);
  if (!removed) co_return removed.error();
  const auto marker = make_marker_network(*network, destination, move_id);
  const auto made = co_await engine->create_network(marker);
  if (!made) co_return made.error();
  co_return true;
}

bool is_retired(const ContainerSummary& container) {
  return container.name.find("--retired-") != std::string::npos;
}

}  // namespace

Task<Result<std::optional<json::value>>> find_network(Engine* engine, std::string name) {
  std::optional<json::value> found;
  auto network = co_await engine->inspect_network(name);
  if (!network) {
    if (network.error().code != Errc::not_found) co_return network.error();
    co_return found;
  }
  if (marker_destination(*network).empty()) {
    found = std::move(*network);
    co_return found;
  }
  const auto removed = co_await engine->remove_network(name);
  if (!removed) co_return removed.error();
  co_return found;
}

Task<Result<std::string>> guard_retired(Engine* engine, std::string container,
                                        std::string destination, std::string move_id) {
  const auto retired = co_await engine->inspect(container);
  if (!retired) co_return retired.error();
  if (compose_identity(retired->labels).empty()) co_return std::string{};
  const std::string network = tie_name(destination, move_id);
  const bool is_tied = networks_of(*retired).contains(network);
  // In these modes Docker lets a container join nothing else.
  const auto& mode = retired->network_mode;
  const bool can_be_tied = mode != "host" && mode != "none" && !mode.starts_with("container:") &&
                           retired->state != "running";
  if (!is_tied && can_be_tied) {
    const auto tied = co_await tie(engine, retired->id, network, move_id);
    if (!tied) co_return tied.error();
  }
  int markers = 0;
  for (const auto& entry : networks_of(*retired)) {
    const std::string name{entry.key()};
    if (name == network) continue;
    const auto replaced = co_await replace_by_marker(engine, name, destination, move_id);
    if (!replaced && replaced.error().code != Errc::not_found) co_return replaced.error();
    if (replaced && *replaced) ++markers;
  }
  if (markers > 0)
    co_return fmt::format("docker-compose up there says that it moved to {}", destination);
  if (is_tied || can_be_tied) {
    co_return fmt::format("docker-compose cannot start it there: it moved to {}", destination);
  }
  co_return std::string{"its network mode allows no guard: docker-compose up would start it there"};
}

std::vector<Twin> find_twins(const std::vector<ContainerSummary>& containers) {
  std::map<std::string, std::string> retired;
  for (const ContainerSummary& container : containers) {
    if (is_retired(container)) retired.emplace(compose_identity(container.labels), container.name);
  }
  std::vector<Twin> twins;
  for (const ContainerSummary& container : containers) {
    if (container.state != "running") continue;
    const auto identity = compose_identity(container.labels);
    const auto found = identity.empty() ? retired.end() : retired.find(identity);
    if (is_retired(container)) {
      twins.push_back({container.name, container.name});
    } else if (found != retired.end()) {
      twins.push_back({container.name, found->second});
    }
  }
  return twins;
}

}  // namespace plimsoll
