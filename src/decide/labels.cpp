#include "decide/labels.h"

#include <algorithm>

#include "core/text.h"

namespace plimsoll {

const std::string* label(const ContainerState& container, const std::string& key) {
  const auto found = container.labels.find(key);
  if (found == container.labels.end() || trim(found->second).empty()) return nullptr;
  return &found->second;
}

MoveLabel move_label(const ContainerState& container) {
  const std::string* value = label(container, "plimsoll.move");
  if (!value || *value == "auto") return MoveLabel::automatic;
  return *value == "ask" ? MoveLabel::ask : MoveLabel::never;
}

const std::string* group_of(const ContainerState& container) {
  const std::string* group = label(container, "plimsoll.group");
  if (!group) return label(container, "com.docker.compose.project");
  return *group == "none" ? nullptr : group;
}

const std::string* service_of(const ContainerState& container) {
  return label(container, "com.docker.compose.service");
}

std::vector<std::string> needs_of(const ContainerState& container) {
  constexpr std::size_t most = 64;
  std::vector<std::string> needs;
  const std::string* value = label(container, "com.docker.compose.depends_on");
  if (!value) return needs;
  for (const std::string_view each : split(*value, ',')) {
    const std::string_view name = trim(each.substr(0, each.find(':')));
    if (!name.empty() && needs.size() < most) needs.emplace_back(name);
  }
  return needs;
}

const std::string* apart_of(const ContainerState& container) {
  return label(container, "plimsoll.apart");
}

bool pin_allows(const ContainerState& container, const HostState& host) {
  const std::string* pin = label(container, "plimsoll.pin");
  if (!pin) return true;
  const std::size_t equals = pin->find('=');
  if (equals == std::string::npos) return *pin == host.name.str();
  const auto found = host.labels.find(pin->substr(0, equals));
  return found != host.labels.end() && found->second == pin->substr(equals + 1);
}

Result<std::optional<Duration>> max_downtime(const ContainerState& container) {
  const std::string* value = label(container, "plimsoll.max-downtime");
  if (!value) return std::optional<Duration>{};
  const auto duration = parse_duration(*value);
  if (!duration) return duration.error();
  return std::optional<Duration>{*duration};
}

Result<QuietHours> quiet_of(const ContainerState& container) {
  const std::string* value = label(container, "plimsoll.quiet");
  return value ? QuietHours::parse(*value) : QuietHours{};
}

std::optional<int> parse_priority(std::string_view text) {
  constexpr int most = 100;
  const auto number = parse_number<int>(trim(text));
  if (!number || *number < -most || *number > most) return std::nullopt;
  return number;
}

int priority_of(const ContainerState& container) {
  constexpr int unreadable = 100;
  if (container.labels.empty()) return 0;
  const std::string* value = label(container, "plimsoll.priority");
  return value ? parse_priority(*value).value_or(unreadable) : 0;
}

void add_default_labels(const std::map<std::string, std::string>& defaults,
                        ContainerState& container) {
  for (const auto& [key, value] : defaults) {
    if (!label(container, key)) container.labels[key] = value;
  }
}

bool owner_allows(const ContainerState& container, std::string_view rule) {
  const std::string* value = label(container, "plimsoll.allow");
  if (!value) return false;
  const auto rules = split(*value, ',');
  return std::any_of(rules.begin(), rules.end(),
                     [&](std::string_view allowed) { return trim(allowed) == rule; });
}

}  // namespace plimsoll
