#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "spool/segment_log.h"

namespace plimsoll {
namespace {

constexpr std::size_t named_max = 5;  // of files that are not ours, and of damaged places in a file

}  // namespace

std::optional<SpoolCursor> SegmentLog::read_cursor(const std::vector<SpoolFile>& files,
                                                   SpoolRecovery& found) {
  constexpr std::size_t bytes_max = 64;
  const std::string name{cursor_file};
  const bool there = std::any_of(files.begin(), files.end(),
                                 [&](const SpoolFile& file) { return file.name == name; });
  if (!there) return std::nullopt;
  const auto bytes = fs_.read(name, 0, bytes_max);
  if (!bytes) {
    found.notes.push_back(bytes.error().message);
    return std::nullopt;
  }
  auto cursor = parse_cursor(*bytes);
  if (!cursor) {
    found.notes.push_back(fs_.describe() + "/" + name +
                          ": is damaged; some points are sent to the store once more");
  }
  return cursor;
}

void SegmentLog::take_up(const RecoveryPlan::Segment& file, const SegmentScan& scan) {
  if (segments_.empty() && file.from_point > 0) {
    acknowledged_ = {scan.resume_offset, file.from_point, scan.oldest};
    read_ = acknowledged_;
  }
  Segment segment;
  segment.number = file.number;
  segment.bytes = file.bytes;
  segment.points = std::max(scan.points_known, file.from_point);
  segment.unread = scan.points;
  segment.oldest = scan.oldest;
  segment.newest = scan.newest;
  segments_.push_back(segment);
  bytes_ += file.bytes;
  unread_ += scan.points;
}

void SegmentLog::note_damage(const RecoveryPlan::Segment& file, const SegmentScan& scan,
                             SpoolRecovery& found) const {
  const auto known = std::max(scan.points_known, file.from_point);
  const auto lost = known - file.from_point - std::min(known - file.from_point, scan.points);
  found.damaged += lost;
  std::string places;
  for (std::size_t i = 0; i < scan.damage.size() && i < named_max; ++i) {
    places += fmt::format("{}{} at byte {}", i == 0 ? "" : ", ", format_bytes(scan.damage[i].bytes),
                          scan.damage[i].offset);
  }
  if (scan.damage.size() > named_max) places += ", …";
  if (places.empty() && lost == 0) return;
  found.notes.push_back(fmt::format("{}: damaged ({}); {} points of it are lost, {} are whole",
                                    path(file.number), places.empty() ? "cut off" : places, lost,
                                    scan.points));
}

Result<SpoolRecovery> SegmentLog::recover() {
  SpoolRecovery found;
  const auto files = fs_.list();
  if (!files) return files.error();
  const auto plan = plan_recovery(*files, read_cursor(*files, found));
  next_number_ = plan.next_number;
  for (std::size_t i = 0; i < plan.foreign.size() && i < named_max; ++i) {
    found.notes.push_back(fmt::format("{}/{}: is no file of the spool, left alone", fs_.describe(),
                                      printable(plan.foreign[i])));
  }
  for (const auto& name : plan.remove) {
    if (auto removed = fs_.remove(name); !removed) found.notes.push_back(removed.error().message);
  }
  std::vector<std::pair<RecoveryPlan::Segment, SegmentScan>> scans;
  for (const auto& file : plan.segments) {
    auto scan = scan_segment(fs_, file);
    if (!scan) {
      found.notes.push_back(scan.error().message + "; passed over");
      continue;
    }
    // The one after it knows how many points it had.
    const bool follows = !scans.empty() && scans.back().first.number + 1 == file.number;
    if (follows) {
      auto& known = scans.back().second.points_known;
      known = std::max(known, scan->points_before.value_or(0));
    }
    scans.emplace_back(file, std::move(*scan));
  }
  for (const auto& [file, scan] : scans) {
    note_damage(file, scan, found);
    if (scan.points > 0) {
      take_up(file, scan);
    } else if (auto removed = fs_.remove(segment_name(file.number)); !removed) {
      found.notes.push_back(removed.error().message);
    }
  }
  found.points = unread_;
  return found;
}

}  // namespace plimsoll
