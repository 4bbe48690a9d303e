#include "decide/eligible.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "decide/labels.h"

namespace plimsoll {
namespace {

using Reasons = std::vector<Obstacle>;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + printable(text);
  return all;
}

bool inside(const std::string& path, std::string folder) {
  if (!folder.ends_with('/')) folder += '/';
  return (path + '/').starts_with(folder) && (path + '/').find("/../") == std::string::npos;
}

std::vector<std::string> refused_mounts(const ContainerState& container, const Policy& policy) {
  std::vector<std::string> refused;
  for (const std::string& path : container.obstacles.bind_mounts) {
    if (!is_allowed_bind_mount(path, policy)) refused.push_back(path);
  }
  return refused;
}

/// Gathers reasons; `waivable` ones are dropped where the owner's plimsoll.allow names them.
class Report {
 public:
  explicit Report(const ContainerState& container) : container_(container) {}

  void add(bool applies, Rule rule, std::string detail) {
    if (applies) found_.push_back({rule, std::move(detail)});
  }
  void waivable(bool applies, Rule rule, const std::string& detail) {
    const std::string_view name = rule_name(rule);
    if (!applies || owner_allows(container_, name)) return;
    found_.push_back({rule, fmt::format("{}; plimsoll.allow={} overrules", detail, name)});
  }
  Reasons take() { return std::move(found_); }

 private:
  const ContainerState& container_;
  Reasons found_;
};

void judge_state(const ContainerState& container, Report& report) {
  report.add(container.state != "running", Rule::not_running,
             fmt::format("it is {}, not running", printable(container.state)));
  report.add(container.obstacles.is_plimsoll, Rule::self, "it is a part of Plimsoll itself");
  report.add(!container.cpu_cores || !container.memory, Rule::unmeasured,
             "its use of CPU or memory is not known");
}

void judge_labels(const ContainerState& container, const HostState& host, Report& report) {
  report.add(move_label(container) == MoveLabel::never, Rule::label_never,
             fmt::format("its owner says plimsoll.move={}",
                         printable(container.labels.contains("plimsoll.move")
                                       ? container.labels.at("plimsoll.move")
                                       : "never")));
  const std::string* pin = label(container, "plimsoll.pin");
  report.add(pin && *pin == host.name.str(), Rule::pinned,
             fmt::format("its owner pins it to {}", host.name.str()));
  const auto quiet = quiet_of(container);
  if (!quiet) {
    report.add(true, Rule::quiet, "its label plimsoll.quiet: " + quiet.error().message);
  }
  const auto downtime = max_downtime(container);
  if (!downtime) {
    report.add(true, Rule::max_downtime,
               "its label plimsoll.max-downtime: " + downtime.error().message);
  }
}

void judge_isolation(const ContainerState& container, Report& report) {
  const Obstacles& has = container.obstacles;
  report.waivable(has.host_network, Rule::host_network, "it uses the host's network");
  report.waivable(has.host_pid, Rule::host_pid, "it sees the host's processes");
  report.add(
      has.network_of.has_value(), Rule::container_network,
      fmt::format("it shares the network of container {}", printable(has.network_of.value_or(""))));
  report.waivable(has.privileged, Rule::privileged, "it is privileged");
  report.waivable(!has.devices.empty(), Rule::devices,
                  fmt::format("it uses devices: {}", joined(has.devices)));
  report.waivable(has.docker_socket, Rule::docker_socket, "Docker's socket is mounted into it");
  report.waivable(!has.host_namespaces.empty(), Rule::host_namespace,
                  fmt::format("it shares with the host: {}", joined(has.host_namespaces)));
  report.add(!has.other_containers.empty(), Rule::other_container,
             fmt::format("it cannot be without another container of its host: {}",
                         joined(has.other_containers)));
  report.add(!has.unknown_fields.empty(), Rule::unknown_field,
             fmt::format("it has settings that this Plimsoll does not know: {}",
                         joined(has.unknown_fields)));
  report.add(has.swarm_task, Rule::swarm, "it is a Swarm task: Swarm decides where it runs");
  report.add(has.auto_remove, Rule::auto_remove,
             "it was started with --rm: stopping it would remove it, with no way back");
}

void judge_data(const ContainerState& container, const Policy& policy, Report& report) {
  const auto mounts = refused_mounts(container, policy);
  report.waivable(
      !mounts.empty(), Rule::bind_mount,
      fmt::format("it mounts folders of the host outside allowed_bind_mounts: {}", joined(mounts)));
  const auto& foreign = container.obstacles.foreign_volumes;
  report.waivable(!foreign.empty(), Rule::foreign_volume,
                  fmt::format("its volumes are not of this host alone: {}", joined(foreign)));
}

}  // namespace

bool is_allowed_bind_mount(const std::string& path, const Policy& policy) {
  return std::any_of(policy.allowed_bind_mounts.begin(), policy.allowed_bind_mounts.end(),
                     [&](const std::string& folder) { return inside(path, folder); });
}

std::vector<Obstacle> obstacles_of(const ContainerState& container, const HostState& host,
                                   const Policy& policy) {
  Report report{container};
  judge_state(container, report);
  judge_labels(container, host, report);
  judge_isolation(container, report);
  judge_data(container, policy, report);
  return report.take();
}

std::optional<Obstacle> bound_to_others(const ContainerState& container, const HostState& host) {
  const std::string* group = group_of(container);
  if (!group || container.state != "running") return std::nullopt;
  std::vector<std::string> others;
  for (const ContainerState& other : host.containers) {
    if (other.name == container.name || other.state != "running") continue;
    const std::string* theirs = group_of(other);
    if (theirs && *theirs == *group) others.push_back(other.name.str());
  }
  if (others.empty()) return std::nullopt;
  std::sort(others.begin(), others.end());
  return Obstacle{Rule::group, fmt::format("it moves together with {} ('{}'); plimsoll.group=none "
                                           "would split it off",
                                           joined(others), printable(*group))};
}

}  // namespace plimsoll
