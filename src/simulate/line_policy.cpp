#include "simulate/line_policy.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>

#include "config/policy_settings.h"
#include "config/settings.h"
#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view section = "orchestrator.";

std::string toml_of(const json::value& value);

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// TOML has no null: such members are left out.
std::string toml_members(const json::object& object, std::string_view between) {
  std::string out;
  for (const auto& [key, value] : object) {
    if (value.is_null()) continue;
    if (!out.empty()) out += between;
    out += fmt::format("{} = {}", toml_text(key), toml_of(value));
  }
  return out;
}

std::string toml_array(const json::array& array) {
  std::string out;
  for (const json::value& value : array) {
    if (value.is_null()) continue;
    out += (out.empty() ? "" : ", ") + toml_of(value);
  }
  return '[' + out + ']';
}

std::string toml_number(double number) {
  auto text = fmt::format("{}", number);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string toml_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      break;
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::int64:
      return fmt::format("{}", value.get_int64());
    case json::kind::uint64:
      return toml_number(static_cast<double>(value.get_uint64()));
    case json::kind::double_:
      return toml_number(value.get_double());
    case json::kind::string:
      return toml_text(value.get_string());
    case json::kind::array:
      return toml_array(value.get_array());
    case json::kind::object:
      return "{" + toml_members(value.get_object(), ", ") + "}";
  }
  return "\"\"";
}

/// "policy:3: orchestrator.window: ..." as it is said of an object: "policy.window: ...".
std::string in_our_words(std::string_view problem) {
  const auto start = problem.find(section);
  std::string text{start == std::string_view::npos ? problem : problem.substr(start)};
  for (auto at = text.find(section); at != std::string::npos; at = text.find(section, at)) {
    text.replace(at, section.size(), "policy.");
  }
  return text;
}

void pass_over(Settings& settings) {
  std::string unused;
  for (const char* key : {"mode", "strategy", "retention", "step_timeout", "stall_timeout",
                          "health_timeout", "stable_for"}) {
    settings.read(std::string{section} + key, unused);
  }
}

Pace pace_beside(const Settings& settings) {
  Pace pace;
  const auto meant = [&](const char* key, double& steps) {
    if (settings.given(std::string{section} + key)) steps = 0;
  };
  meant("window", pace.window);
  meant("container_cooldown", pace.container_cooldown);
  meant("cooldown_max", pace.cooldown_max);
  meant("host_cooldown", pace.host_cooldown);
  meant("return_after", pace.return_after);
  meant("horizon", pace.horizon);
  return pace;
}

}  // namespace

GivenPolicy read_given_policy(const json::object* object, LineProblems& problems) {
  GivenPolicy given;
  if (object == nullptr) return given;
  Settings settings{"[orchestrator]\n" + toml_members(*object, "\n"), "policy"};
  // The steps' spacing takes the place of the monitor's interval, whatever is written here.
  given.policy.sample_every = Duration{1};
  read_policy(settings, given.policy);
  check_policy(given.policy, settings);
  given.policy.sample_every = Policy{}.sample_every;
  pass_over(settings);
  settings.refuse_unknown();
  given.pace = pace_beside(settings);
  const std::string found = settings.problems();
  if (found.empty()) return given;
  for (const auto line : split(found, '\n')) problems.add(in_our_words(line));
  return given;
}

}  // namespace plimsoll
