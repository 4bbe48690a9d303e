#include "spool/point_packer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "spool/byte_codec.h"

namespace plimsoll {
namespace {

constexpr char format_version = 1;
constexpr std::size_t shapes_kept_max = 256;

// How a number with a fraction is written: its two lowest bits.
enum class NumberForm : std::uint64_t { whole = 0, thousandths = 1, millionths = 2, raw = 3 };
constexpr unsigned form_bits = 2;
constexpr double scaled_max = 1e15;  // fits a double's 53 bits, and 62 after zigzag and form

std::uint32_t hash_of(std::string_view text) {
  // Eight bytes a step: texts are ids and image names, hashed once for each point.
  std::uint64_t hash = text.size() * 0x9e3779b97f4a7c15U;
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    text.copy(reinterpret_cast<char*>(&word), sizeof word);
    hash = std::rotl((hash ^ word) * 0x9fb21c651e98df25U, 29);
    text.remove_prefix(8);
  }
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

bool append_scaled(std::string& out, double value, double scale, NumberForm form) {
  const double scaled = value * scale;
  if (!(std::abs(scaled) < scaled_max)) return false;
  const auto whole = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const double again = static_cast<double>(whole) / scale;
  // Bits, not values: -0.0 equals 0.0.
  if (std::bit_cast<std::uint64_t>(again) != std::bit_cast<std::uint64_t>(value)) return false;
  append_varint(out, (zigzag(whole) << form_bits) | static_cast<std::uint64_t>(form));
  return true;
}

void append_number(std::string& out, double value) {
  if (append_scaled(out, value, 1, NumberForm::whole)) return;
  if (append_scaled(out, value, 1e3, NumberForm::thousandths)) return;
  if (append_scaled(out, value, 1e6, NumberForm::millionths)) return;
  append_varint(out, static_cast<std::uint64_t>(NumberForm::raw));
  append_fixed(out, std::bit_cast<std::uint64_t>(value));
}

}  // namespace

void PackedTexts::clear() {
  std::fill(slots_.begin(), slots_.end(), Slot{});
  count_ = 0;
}

PackedTexts::Slot* PackedTexts::find(const std::string& out, std::string_view text,
                                     std::uint32_t hash) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.number == 0) return &slot;
    const bool same = slot.hash == hash && slot.size == text.size() &&
                      std::equal(text.begin(), text.end(), out.data() + slot.offset);
    if (same) return &slot;
  }
}

void PackedTexts::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.number == 0) continue;
    std::size_t i = slot.hash & mask;
    while (slots_[i].number != 0) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

void PackedTexts::append(std::string& out, std::string_view text) {
  const auto hash = hash_of(text);
  Slot* slot = find(out, text, hash);
  if (slot->number != 0) return append_varint(out, slot->number);
  append_varint(out, 0);
  append_varint(out, text.size());
  *slot = {hash, ++count_, static_cast<std::uint32_t>(out.size()),
           static_cast<std::uint32_t>(text.size())};
  out += text;
  if (std::size_t{count_} * 2 > slots_.size()) grow();
}

bool PointPacker::has_shape(const Point& point, const Shape& shape) {
  const auto same_tag = [](const Tag& tag, const std::string& name) { return tag.first == name; };
  const auto same_field = [](const Field& field, const auto& known) {
    return field.second.index() == known.second && field.first == known.first;
  };
  return std::equal(point.fields.begin(), point.fields.end(), shape.fields.begin(),
                    shape.fields.end(), same_field) &&
         std::equal(point.tags.begin(), point.tags.end(), shape.tags.begin(), shape.tags.end(),
                    same_tag) &&
         point.measurement == shape.measurement;
}

std::size_t PointPacker::shape_of(const Point& point) {
  if (last_shape_ < shapes_.size()) {
    if (has_shape(point, shapes_[last_shape_])) return last_shape_;
    const std::size_t likely = shapes_[last_shape_].next;
    if (likely < shapes_.size() && has_shape(point, shapes_[likely])) return likely;
  }
  const auto found = std::find_if(shapes_.begin(), shapes_.end(),
                                  [&](const Shape& shape) { return has_shape(point, shape); });
  if (found != shapes_.end()) return static_cast<std::size_t>(found - shapes_.begin());
  if (shapes_.size() >= shapes_kept_max) shapes_.clear();
  Shape& shape = shapes_.emplace_back();
  shape.measurement = point.measurement;
  for (const auto& tag : point.tags) shape.tags.push_back(tag.first);
  for (const auto& [name, value] : point.fields) shape.fields.emplace_back(name, value.index());
  return shapes_.size() - 1;
}

void PointPacker::append_shape(Shape& shape) {
  if (shape.record == record_) return append_varint(out_, shape.number);
  shape.record = record_;
  shape.number = ++shapes_in_record_;
  append_varint(out_, 0);
  texts_.append(out_, shape.measurement);
  append_varint(out_, shape.tags.size());
  for (const auto& name : shape.tags) texts_.append(out_, name);
  append_varint(out_, shape.fields.size());
  for (const auto& [name, type] : shape.fields) {
    texts_.append(out_, name);
    append_varint(out_, type);
  }
}

void PointPacker::append_value(const FieldValue& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    append_number(out_, *number);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    append_varint(out_, zigzag(*integer));
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    out_ += static_cast<char>(*truth);
  } else {
    texts_.append(out_, std::get<std::string>(value));
  }
}

void PointPacker::add(const Point& point) {
  if (out_.empty()) out_ += format_version;
  const std::size_t index = shape_of(point);
  if (last_shape_ < shapes_.size()) shapes_[last_shape_].next = index;
  last_shape_ = index;
  append_shape(shapes_[index]);
  const auto time = static_cast<std::uint64_t>(point.time.time_since_epoch().count());
  append_varint(out_, zigzag(static_cast<std::int64_t>(time - time_)));
  time_ = time;
  for (const auto& tag : point.tags) texts_.append(out_, tag.second);
  for (const auto& field : point.fields) append_value(field.second);
  oldest_ = points_ == 0 ? point.time : std::min(oldest_, point.time);
  newest_ = points_ == 0 ? point.time : std::max(newest_, point.time);
  ++points_;
}

PackedPoints PointPacker::take() {
  PackedPoints packed{std::move(out_), points_, oldest_, newest_};
  out_ = {};
  out_.reserve(packed.bytes.size() + packed.bytes.size() / 4);
  texts_.clear();
  ++record_;
  shapes_in_record_ = 0;
  points_ = 0;
  time_ = 0;
  return packed;
}

}  // namespace plimsoll
