#include "move/retention.h"

#include <algorithm>
#include <map>

namespace plimsoll {

std::vector<MoveId> to_clean(std::vector<RetiredSource> retired, const RetentionRules& rules,
                             TimePoint now) {
  std::ranges::sort(retired, [](const RetiredSource& a, const RetiredSource& b) {
    return a.retired_at != b.retired_at ? a.retired_at < b.retired_at : a.move < b.move;
  });
  std::map<HostId, Bytes> kept;
  for (const RetiredSource& source : retired) kept[source.host] += source.size;
  std::vector<MoveId> over;
  for (const RetiredSource& source : retired) {
    if (source.held) continue;
    Bytes& here = kept[source.host];
    const bool too_much = rules.per_host != Bytes{} && here > rules.per_host;
    if (now - source.retired_at < rules.keep && !too_much) continue;
    over.push_back(source.move);
    here = Bytes{count(here) - count(source.size)};
  }
  return over;
}

}  // namespace plimsoll
