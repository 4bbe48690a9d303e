#pragma once

#include <string>
#include <vector>

#include "core/time.h"
#include "hand/hand_context.h"
#include "hand/rsync_output.h"
#include "hand/way.h"
#include "runtime/asio.h"

namespace plimsoll {

/// A folder of this host that is to be a folder of the other.
struct TreePair {
  std::string from;
  std::string to;
};

enum class InPlace {
  by_itself,  ///< Where it is safe and worth it.
  never,
};

struct TreeSend {
  SshWay way;
  std::vector<TreePair> pairs;
  bool final = false;     ///< Nobody writes any more: nothing may vanish or change.
  bool compress = false;  ///< For links slower than about 200 MB/s.
  bool checksum = false;  ///< Read all on both sides, do not trust sizes and times.
  InPlace in_place = InPlace::by_itself;
  Bytes limit{};  ///< A second, for all pairs together; 0 is none.
  Duration stall{30'000};
};

struct PairSent {
  TreePair pair;
  RsyncFigures figures;
  double seconds = 0;
  bool incomplete = false;  ///< Something vanished or changed meanwhile; the next round brings it.
};

struct TreeSent {
  std::vector<PairSent> pairs;
  double seconds = 0;
};

/// Makes each pair's folder at the destination equal to the one here, by rsync: only what changed,
/// and what is not here is deleted there. A cut leaves what has arrived; the next call goes on.
/// Requires: at the destination one receiver at a time fills a folder (receiver_turn.h).
/// Errors: not_found - rsync is missing on either side: go cold; unreachable; timeout - no byte for
/// `stall`; conflict - an earlier order is still at it; io - rsync's own words; refused - the
/// fence.
[[nodiscard]] Task<Result<TreeSent>> send_trees(const HandContext* context, TreeSend send);

}  // namespace plimsoll
