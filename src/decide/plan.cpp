#include "decide/plan.h"

#include <array>

namespace plimsoll {
namespace {

struct RuleFacts {
  Rule rule;
  std::string_view name;
  bool may_be_forced;
};

constexpr std::array rules = std::to_array<RuleFacts>({
    {Rule::silent_fleet, "silent_fleet", false},
    {Rule::silent, "silent", false},
    {Rule::not_held, "not_held", false},
    {Rule::host_cooldown, "host_cooldown", true},
    {Rule::host_limit, "host_limit", false},
    {Rule::fleet_limit, "fleet_limit", false},
    {Rule::quiet, "quiet", true},
    {Rule::not_read, "not_read", false},
    {Rule::nothing_to_move, "nothing_to_move", false},
    {Rule::no_destination, "no_destination", false},
    {Rule::gain_too_small, "gain_too_small", false},
    {Rule::unknown, "unknown", false},
    {Rule::not_running, "not_running", false},
    {Rule::self, "self", false},
    {Rule::under_way, "under_way", false},
    {Rule::cooldown, "cooldown", false},
    {Rule::label_never, "label_never", true},
    {Rule::pinned, "pinned", true},
    {Rule::group, "group", true},
    {Rule::host_network, "host_network", false},
    {Rule::host_pid, "host_pid", false},
    {Rule::container_network, "container_network", false},
    {Rule::devices, "devices", false},
    {Rule::privileged, "privileged", false},
    {Rule::docker_socket, "docker_socket", false},
    {Rule::bind_mount, "bind_mount", false},
    {Rule::foreign_volume, "foreign_volume", false},
    {Rule::swarm, "swarm", false},
    {Rule::auto_remove, "auto_remove", false},
    {Rule::host_namespace, "host_namespace", false},
    {Rule::other_container, "other_container", false},
    {Rule::unknown_field, "unknown_field", false},
    {Rule::unmeasured, "unmeasured", true},
    {Rule::too_small, "too_small", false},
    {Rule::max_downtime, "max_downtime", true},
    {Rule::same_host, "same_host", false},
    {Rule::drained, "drained", true},
    {Rule::architecture, "architecture", false},
    {Rule::name_taken, "name_taken", false},
    {Rule::port_taken, "port_taken", false},
    {Rule::apart, "apart", true},
    {Rule::goes_back, "goes_back", true},
    {Rule::cpu, "cpu", true},
    {Rule::memory, "memory", true},
    {Rule::storage, "storage", true},
    {Rule::rising, "rising", true},
    {Rule::risk, "risk", true},
    {Rule::load, "load", true},
    {Rule::limit, "limit", true},
    {Rule::disk, "disk", false},
    {Rule::link, "link", false},
});

constexpr bool stands_in_order() {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules.at(i).rule != static_cast<Rule>(i)) return false;
  }
  return true;
}
static_assert(stands_in_order(), "a rule has no line, or not in the order of the enum");
static_assert(rules.back().rule == Rule::link, "the last rule has no line");

const RuleFacts& facts(Rule rule) { return rules.at(static_cast<std::size_t>(rule)); }

}  // namespace

std::string_view rule_name(Rule rule) { return facts(rule).name; }

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  names.reserve(rules.size());
  for (const RuleFacts& rule : rules) names.emplace_back(rule.name);
  return names;
}

bool may_be_forced(Rule rule) { return facts(rule).may_be_forced; }

}  // namespace plimsoll
