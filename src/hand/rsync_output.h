#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/units.h"

namespace plimsoll {

/// What rsync counted, as its --info=stats2 tells at the end.
struct RsyncFigures {
  Bytes sent{};             ///< To the other side, all in all.
  Bytes received{};         ///< From it.
  Bytes literal{};          ///< Contents that had to be sent.
  Bytes matched{};          ///< Contents that were there already, of files that changed.
  std::uint64_t files = 0;  ///< Regular files that were sent.
  std::uint64_t created = 0;
  std::uint64_t deleted = 0;
};

/// Reads rsync's standard output (--info=progress2,stats2 --no-human-readable) as it comes, in any
/// pieces. Lines it does not know are passed over, longer ones than a line may be too.
class RsyncOutput {
 public:
  void feed(std::string_view chunk);
  /// Bytes that have passed of the files sent so far, by the newest progress line; never less than
  /// before.
  [[nodiscard]] Bytes progress() const { return progress_; }
  [[nodiscard]] const RsyncFigures& figures() const { return figures_; }

 private:
  void take_line(std::string_view line);

  std::string line_;
  Bytes progress_{};
  RsyncFigures figures_;
};

/// How a run of rsync ended. `final`: nothing may have vanished or changed meanwhile.
/// Gives whether it is incomplete.
/// Errors: not_found - no rsync at the destination; unreachable, timeout, refused, unauthorized,
/// io - with its own words.
/// Source: rsync(1), EXIT VALUES.
[[nodiscard]] Result<bool> judge_rsync(int exit_code, std::string_view words, bool final);

}  // namespace plimsoll
