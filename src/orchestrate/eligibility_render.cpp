#include <fmt/format.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/container_fields.h"
#include "orchestrate/eligibility.h"

namespace plimsoll {
namespace {

std::string place_of(const ContainerMount& mount) {
  if (mount.type == "bind") return mount.source;
  return mount.type == "volume" && !mount.anonymous ? mount.name : mount.type;
}

void write_texts(JsonWriter& json, const char* key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const auto& text : texts) json.value(text);
  json.end_array();
}

}  // namespace

std::string render_eligibility(const Eligibility& eligibility) {
  std::string out = fmt::format("{}: {}\n", printable(eligibility.container),
                                eligibility.movable() ? "may be moved" : "may not be moved");
  for (const EligibilityRule& rule : eligibility.rules) {
    out += fmt::format("  {:<5} {:<17} {}\n", rule.passed ? "ok" : "FAIL", rule.rule,
                       printable(rule.detail, 600));
    if (!rule.action.empty()) out += fmt::format("  {:<23} -> {}\n", "", rule.action);
  }
  if (!eligibility.mounts.empty()) out += "data:\n";
  for (const MountReport& report : eligibility.mounts) {
    out += fmt::format("  {:<9} {} on {}{}\n", mount_fate_name(report.fate),
                       printable(place_of(report.mount), 200),
                       printable(report.mount.destination, 200),
                       report.detail.empty() ? "" : ": " + report.detail);
  }
  out += "strategies:\n";
  for (const StrategyReport& strategy : eligibility.strategies) {
    out += fmt::format("  {:<9} {}: {}\n", strategy.name, strategy.possible ? "yes" : "no",
                       strategy.detail);
  }
  out +=
      fmt::format("settings carried over as they are: {}\n", fmt::join(eligibility.carried, ", "));
  if (!eligibility.mapped.empty()) out += "settings carried over by a rule:\n";
  for (const auto& place : eligibility.mapped) {
    const ContainerField* field = find_container_field(place);
    out += fmt::format("  {}: {}\n", place, field == nullptr ? "" : field->how);
  }
  return out;
}

std::string render_eligibility_json(const Eligibility& eligibility) {
  JsonWriter json;
  json.begin_object().field("container", eligibility.container);
  json.field("movable", eligibility.movable()).key("rules").begin_array();
  for (const EligibilityRule& rule : eligibility.rules) {
    json.begin_object().field("rule", rule.rule).field("passed", rule.passed);
    json.field("detail", rule.detail).field("action", rule.action).end_object();
  }
  json.end_array().key("fields").begin_object();
  write_texts(json, "carried", eligibility.carried);
  write_texts(json, "mapped", eligibility.mapped);
  json.end_object().key("mounts").begin_array();
  for (const MountReport& report : eligibility.mounts) {
    json.begin_object().field("type", report.mount.type);
    json.field("source", report.mount.type == "bind" ? report.mount.source : report.mount.name);
    json.field("destination", report.mount.destination);
    json.field("fate", mount_fate_name(report.fate)).field("detail", report.detail).end_object();
  }
  json.end_array().key("strategies").begin_array();
  for (const StrategyReport& strategy : eligibility.strategies) {
    json.begin_object().field("name", strategy.name).field("possible", strategy.possible);
    json.field("detail", strategy.detail).end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace plimsoll
