#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spool/segment_reader.h"
#include "spool/spool_format.h"
#include "spool/spool_fs.h"

namespace plimsoll {

/// What is to be done with the files that a run before this one left.
struct RecoveryPlan {
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::uint64_t from_point = 0;  ///< The store has those before it.
  };
  std::vector<Segment> segments;     ///< To be read, oldest first.
  std::vector<std::string> remove;   ///< With the store already, or empty, or half-made.
  std::vector<std::string> foreign;  ///< Not ours: left alone.
  std::uint64_t next_number = 1;     ///< Of the next segment: higher than any that was.
};

/// `cursor` is what the cursor file says, nothing where it is missing or damaged: then everything
/// is sent again, which changes nothing in the store.
[[nodiscard]] RecoveryPlan plan_recovery(const std::vector<SpoolFile>& files,
                                         const std::optional<SpoolCursor>& cursor);

/// What is in one segment.
struct SegmentScan {
  std::uint64_t points = 0;         ///< In whole records, from `from_point` on.
  std::uint64_t points_known = 0;   ///< That it had, from its beginning, as far as headers tell.
  std::uint64_t resume_offset = 0;  ///< Where the first of these records stands.
  std::optional<std::uint64_t> points_before;  ///< As SegmentHeader.
  TimePoint oldest, newest;                    ///< Of whole records.
  std::vector<SegmentDamage> damage;
};
/// Errors: as SpoolFs::read.
[[nodiscard]] Result<SegmentScan> scan_segment(SpoolFs& fs, const RecoveryPlan::Segment& segment);

}  // namespace plimsoll
