#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "telemetry/point.h"

namespace plimsoll {

/// Points in a compact form, as they stand in a record of the spool (docs/formats/spool.md).
struct PackedPoints {
  std::string bytes;
  std::uint32_t points = 0;
  TimePoint oldest, newest;  ///< Of the points' times.
};

/// Texts that were written already, by where they stand in the bytes written.
class PackedTexts {
 public:
  /// Adds a text to `out`, or its number where it was added before.
  void append(std::string& out, std::string_view text);
  void clear();

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // 0: free
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  void grow();
  [[nodiscard]] Slot* find(const std::string& out, std::string_view text, std::uint32_t hash);

  std::vector<Slot> slots_ = std::vector<Slot>(128);
  std::uint32_t count_ = 0;
};

/// Packs points one after another into the bytes of one record. What they have in common is written
/// once: names and types of fields (a shape), and texts.
/// Thread: one at a time.
class PointPacker {
 public:
  void add(const Point& point);
  [[nodiscard]] bool empty() const { return points_ == 0; }
  [[nodiscard]] std::size_t points() const { return points_; }
  [[nodiscard]] std::size_t bytes() const { return out_.size(); }
  /// What was added since the last call.
  [[nodiscard]] PackedPoints take();

 private:
  struct Shape {
    std::string measurement;
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::size_t>> fields;  // with FieldValue's index
    std::uint64_t record = 0;                                 // the last one that it was written to
    std::uint32_t number = 0;                                 // in that one
    std::size_t next = 0;                                     // the shape that followed it last
  };

  [[nodiscard]] static bool has_shape(const Point& point, const Shape& shape);
  [[nodiscard]] std::size_t shape_of(const Point& point);
  void append_shape(Shape& shape);
  void append_value(const FieldValue& value);

  std::string out_;
  PackedTexts texts_;
  std::vector<Shape> shapes_;
  std::size_t last_shape_ = 0;
  std::uint64_t record_ = 1;
  std::uint32_t shapes_in_record_ = 0;
  std::uint32_t points_ = 0;
  std::uint64_t time_ = 0;  // of the point before, in ms; wraps around
  TimePoint oldest_, newest_;
};

/// The points that `bytes` holds: the same, bit for bit.
/// Errors: malformed - not what PointPacker wrote; `count` is not their number.
[[nodiscard]] Result<std::vector<Point>> unpack_points(std::string_view bytes, std::uint32_t count);

}  // namespace plimsoll
