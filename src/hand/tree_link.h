#pragma once

#include <optional>

#include "hand/hand_context.h"
#include "hand/way.h"
#include "runtime/asio.h"

namespace plimsoll {

struct LinkOpen {
  SshWay way;
  Bytes ping{};        ///< Sent to measure the goodput, at most 8 MiB; 0 measures nothing.
  std::string folder;  ///< A folder of the destination, to ask whether rsync works; "" asks not.
};

struct LinkOpened {
  bool was_open = false;
  double open_s = 0;
  std::optional<double> session_s;    ///< What one command costs over the master.
  std::optional<double> bytes_per_s;  ///< Goodput without compression.
  std::string rsync;                  ///< Version here, "" without.
  bool rsync_there = false;
};

/// Opens the master connection to the destination, or keeps the one that is there.
/// Errors: unreachable, unauthorized, refused (its host key), with what to do.
[[nodiscard]] Task<Result<LinkOpened>> open_link(const HandContext* context, LinkOpen open);

/// Ends it. No error where there is none.
[[nodiscard]] Task<Result<void>> close_link(SshWay way);

}  // namespace plimsoll
