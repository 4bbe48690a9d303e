#include "finding.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"

namespace plimsoll {
namespace {

const char* name_of(Finding::Level level) {
  switch (level) {
    case Finding::Level::ok:
      return "ok";
    case Finding::Level::warn:
      return "warn";
    case Finding::Level::fail:
      return "FAIL";
  }
  return "";
}

}  // namespace

std::string render_findings(const Findings& findings) {
  std::string out;
  for (const auto& finding : findings) {
    out += fmt::format("{:<5} {}: {}", name_of(finding.level), finding.what,
                       printable(finding.detail, 600));
    if (!finding.action.empty()) out += " -> " + finding.action;
    out += '\n';
  }
  return out;
}

std::string render_findings_json(const Findings& findings) {
  JsonWriter json;
  json.begin_object().field("ok", !has_failure(findings)).key("findings").begin_array();
  for (const auto& finding : findings) {
    json.begin_object().field("level", to_lower(name_of(finding.level)));
    json.field("what", finding.what).field("detail", finding.detail);
    json.field("action", finding.action).end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

bool has_failure(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.level == Finding::Level::fail; });
}

}  // namespace plimsoll
