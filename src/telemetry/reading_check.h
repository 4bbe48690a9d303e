#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/text.h"
#include "telemetry/derived.h"
#include "telemetry/json_reader.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// An id stands in points, labels and lines: letters, digits and `_.-`, as engines make it.
/// Anything else could be cut within a character, and two containers become one.
inline void refuse_odd_id(const JsonFields& fields, const std::string& id) {
  if (id.empty()) return fields.fail("id", "is empty");
  if (!is_safe_name(id)) fields.fail("id", "is not a container's id", Errc::invalid);
}

/// Two containers of one short id would write over each other's points.
inline void refuse_duplicate_ids(const JsonFields& fields,
                                 const std::vector<ContainerReading>& containers) {
  std::vector<std::string> ids;
  ids.reserve(containers.size());
  for (const auto& container : containers) ids.push_back(short_id(container));
  std::ranges::sort(ids);
  const auto twice = std::ranges::adjacent_find(ids);
  if (twice == ids.end()) return;
  fields.fail("containers", fmt::format("has the id '{}' twice", printable(*twice, 64)),
              Errc::invalid);
}

}  // namespace plimsoll
