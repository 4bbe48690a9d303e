#include <algorithm>
#include <bit>

#include "spool/byte_codec.h"
#include "spool/point_packer.h"

namespace plimsoll {
namespace {

constexpr unsigned char format_version = 1;
constexpr std::size_t names_max = 4096;  // of one shape
constexpr std::uint32_t reserved_max = 10'000;

/// Undoes PointPacker. The first thing wrong ends it.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : in_(bytes) {}

  Result<std::vector<Point>> all(std::uint32_t count);

 private:
  struct Shape {
    std::string measurement;
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::uint64_t>> fields;
  };

  [[nodiscard]] bool fine() const { return fine_ && in_.ok(); }
  std::string_view text();
  const Shape* shape();
  void define_shape();
  Point point();
  double number();
  FieldValue value(std::uint64_t type);

  ByteReader in_;
  std::vector<std::string_view> texts_;
  std::vector<Shape> shapes_;
  std::uint64_t time_ = 0;
  bool fine_ = true;
};

std::string_view Unpacker::text() {
  const auto number = in_.varint();
  if (number > texts_.size()) {
    fine_ = false;
    return {};
  }
  if (number > 0) return texts_[number - 1];
  const auto size = in_.varint();
  return texts_.emplace_back(in_.take(size));
}

void Unpacker::define_shape() {
  Shape shape;
  shape.measurement = text();
  const auto tags = in_.varint();
  if (tags > names_max) fine_ = false;
  for (std::uint64_t i = 0; fine() && i < tags; ++i) shape.tags.emplace_back(text());
  const auto fields = in_.varint();
  if (fields > names_max) fine_ = false;
  for (std::uint64_t i = 0; fine() && i < fields; ++i) {
    std::string name{text()};
    shape.fields.emplace_back(std::move(name), in_.varint());
  }
  shapes_.push_back(std::move(shape));
}

const Unpacker::Shape* Unpacker::shape() {
  const auto number = in_.varint();
  if (!fine() || number > shapes_.size()) return nullptr;
  if (number > 0) return &shapes_[number - 1];
  define_shape();
  return &shapes_.back();
}

double Unpacker::number() {
  const auto coded = in_.varint();
  const auto whole = static_cast<double>(unzigzag(coded >> 2U));
  switch (coded & 3U) {
    case 0:
      return whole;
    case 1:
      return whole / 1e3;
    case 2:
      return whole / 1e6;
    default:
      return std::bit_cast<double>(in_.fixed<std::uint64_t>());
  }
}

FieldValue Unpacker::value(std::uint64_t type) {
  switch (type) {
    case 0:
      return number();
    case 1:
      return unzigzag(in_.varint());
    case 2:
      return in_.fixed<std::uint8_t>() != 0;
    case 3:
      return std::string{text()};
    default:
      fine_ = false;
      return false;
  }
}

Point Unpacker::point() {
  Point point;
  const Shape* shape = this->shape();
  if (shape == nullptr) {
    fine_ = false;
    return point;
  }
  point.measurement = shape->measurement;
  time_ += static_cast<std::uint64_t>(unzigzag(in_.varint()));
  point.time = TimePoint{Duration{static_cast<std::int64_t>(time_)}};
  point.tags.reserve(shape->tags.size());
  for (const auto& name : shape->tags) point.tags.emplace_back(name, text());
  point.fields.reserve(shape->fields.size());
  for (const auto& [name, type] : shape->fields) {
    if (!fine()) break;
    point.fields.emplace_back(name, value(type));
  }
  return point;
}

Result<std::vector<Point>> Unpacker::all(std::uint32_t count) {
  Error malformed{Errc::malformed, "not the form of packed points"};
  if (in_.fixed<std::uint8_t>() != format_version || count > in_.left()) return malformed;
  std::vector<Point> points;
  points.reserve(std::min(count, reserved_max));
  while (fine() && points.size() < count) points.push_back(point());
  if (!fine() || in_.left() > 0) return malformed;
  return points;
}

}  // namespace

Result<std::vector<Point>> unpack_points(std::string_view bytes, std::uint32_t count) {
  return Unpacker{bytes}.all(count);
}

}  // namespace plimsoll
