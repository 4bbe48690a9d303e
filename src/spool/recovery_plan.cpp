#include "spool/recovery_plan.h"

#include <algorithm>

namespace plimsoll {
namespace {

const std::string half_made_cursor = std::string{cursor_file} + ".new";

}  // namespace

RecoveryPlan plan_recovery(const std::vector<SpoolFile>& files,
                           const std::optional<SpoolCursor>& cursor) {
  const SpoolCursor done = cursor.value_or(SpoolCursor{});
  RecoveryPlan plan;
  std::uint64_t highest = done.segment;
  for (const auto& file : files) {
    const auto number = segment_number(file.name);
    if (number) highest = std::max(highest, *number);
    if (file.name == cursor_file) continue;
    if (!number && file.name != half_made_cursor) {
      plan.foreign.push_back(file.name);
    } else if (!number || file.bytes == 0 || *number < done.segment) {
      plan.remove.push_back(file.name);
    } else {
      plan.segments.push_back({*number, file.bytes, *number == done.segment ? done.point : 0});
    }
  }
  std::sort(plan.segments.begin(), plan.segments.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  std::sort(plan.foreign.begin(), plan.foreign.end());
  plan.next_number = highest + 1;
  return plan;
}

Result<SegmentScan> scan_segment(SpoolFs& fs, const RecoveryPlan::Segment& segment) {
  const auto name = segment_name(segment.number);
  SegmentScan scan;
  const auto head = fs.read(name, 0, segment_header_bytes);
  if (!head) return head.error();
  if (const auto header = parse_segment_header(*head)) {
    scan.points_before = header->points_before;
  } else {
    scan.damage.push_back({0, std::min<std::uint64_t>(segment.bytes, segment_header_bytes)});
  }
  SegmentReader reader{fs, name, segment_header_bytes};
  for (;;) {
    const auto read = reader.next(segment.bytes);
    if (!read) return read.error();
    const std::optional<SegmentRecord>& record = *read;
    if (!record) break;
    const RecordHeader& header = record->header;
    if (header.end_point() <= segment.from_point) continue;
    if (scan.points == 0) {
      scan.resume_offset = record->offset;
      scan.oldest = header.oldest;
      scan.newest = header.newest;
    }
    scan.points += header.points;
    scan.oldest = std::min(scan.oldest, header.oldest);
    scan.newest = std::max(scan.newest, header.newest);
  }
  scan.points_known = reader.points_known();
  scan.damage.insert(scan.damage.end(), reader.damage().begin(), reader.damage().end());
  return scan;
}

}  // namespace plimsoll
