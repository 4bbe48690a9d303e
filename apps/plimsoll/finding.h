#pragma once

#include <string>
#include <vector>

namespace plimsoll {

/// One thing that `plimsoll check` looked at.
struct Finding {
  enum class Level { ok, warn, fail };
  Level level = Level::ok;
  std::string what;    ///< "agent h2"
  std::string detail;  ///< What was found.
  std::string action;  ///< What to do about it; empty where nothing is to be done.
};

using Findings = std::vector<Finding>;

/// "ok    what: detail" or "FAIL  what: detail -> action", a line each.
[[nodiscard]] std::string render_findings(const Findings& findings);
[[nodiscard]] std::string render_findings_json(const Findings& findings);
[[nodiscard]] bool has_failure(const Findings& findings);

}  // namespace plimsoll
