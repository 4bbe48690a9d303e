// The spool: packed points, and a segment that the disk has damaged. The input is packed points;
// and a list of edits, three bytes each, of a segment that was whole.
#include <map>

#include "fuzz.h"
#include "spool/segment_log.h"

namespace plimsoll::fuzz {
namespace {

/// A folder in memory.
class MemoryFs final : public SpoolFs {
 public:
  std::map<std::string, std::string> files;

  Result<std::vector<SpoolFile>> list() override {
    std::vector<SpoolFile> out;
    for (const auto& [name, bytes] : files) out.push_back({name, bytes.size()});
    return out;
  }
  Result<std::string> read(const std::string& name, std::uint64_t offset,
                           std::size_t bytes) override {
    const auto found = files.find(name);
    if (found == files.end()) return Error{Errc::not_found, name + ": is not there"};
    if (offset >= found->second.size()) return std::string{};
    return found->second.substr(offset, bytes);
  }
  Result<void> append(const std::string& name, std::string_view text) override {
    files[name] += text;
    return {};
  }
  Result<void> sync(const std::string& /*name*/) override { return {}; }
  Result<void> replace(const std::string& name, std::string_view text) override {
    files[name] = text;
    return {};
  }
  Result<void> truncate(const std::string& name, std::uint64_t bytes) override {
    files[name].resize(bytes);
    return {};
  }
  Result<void> remove(const std::string& name) override {
    files.erase(name);
    return {};
  }
  [[nodiscard]] std::string describe() const override { return "memory"; }
};

Point numbered(std::int64_t number) {
  return {"Device",
          {{"host", "h" + std::to_string(number % 3)}},
          {{"n", number}, {"cpu_percent", 12.5}, {"up", true}, {"error", std::string{"none"}}},
          TimePoint{Duration{1'700'000'000'000 + number}}};
}

/// Three records of five points.
std::map<std::string, std::string> whole_folder() {
  MemoryFs fs;
  SegmentLog log{fs, SpoolLimits{}};
  static_cast<void>(log.recover());
  PointPacker packer;
  for (std::int64_t record = 0; record < 3; ++record) {
    for (std::int64_t i = 0; i < 5; ++i) packer.add(numbered(record * 5 + i));
    require(log.append(packer.take()).has_value(), "a record is not taken");
  }
  return fs.files;
}

void damage(std::map<std::string, std::string>& files, std::string_view edits) {
  for (; edits.size() >= 3; edits.remove_prefix(3)) {
    const auto at = static_cast<std::size_t>(static_cast<unsigned char>(edits[0])) * 256 +
                    static_cast<unsigned char>(edits[1]);
    for (auto& [name, bytes] : files) {
      if (bytes.empty()) continue;
      bytes[at % bytes.size()] = edits[2];
      if (at % 61 == 0) bytes.resize(at % (bytes.size() + 1));
    }
  }
}

/// What can be read are points that were written, in their order; and the log works on.
void check_segment(std::string_view edits) {
  static const auto whole = whole_folder();
  MemoryFs fs;
  fs.files = whole;
  damage(fs.files, edits);
  SegmentLog log{fs, SpoolLimits{}};
  const auto recovered = log.recover();
  require(recovered.has_value(), "a damaged segment stops the start");
  for (const auto& note : recovered->notes) require_fit_to_print(note);
  std::int64_t last = -1;
  while (const auto record = log.next(1'000'000)) {
    const auto points = unpack_points(record->bytes, record->points);
    require(points.has_value(), "a record that was given cannot be unpacked");
    for (const auto& point : *points) {
      const auto number = std::get<std::int64_t>(point.fields.at(0).second);
      require(number > last && point == numbered(number), "a point that nobody wrote");
      last = number;
    }
  }
  static_cast<void>(log.acknowledge());
  PointPacker packer;
  packer.add(numbered(99));
  require(log.append(packer.take()).has_value(), "no record is taken after damage");
  const auto next = log.next(1);
  require(next && next->points == 1, "what was written after damage is not read");
}

std::string packed_again(const std::vector<Point>& points) {
  PointPacker packer;
  for (const auto& point : points) packer.add(point);
  return packer.take().bytes;
}

void check_points(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto count = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes.front()));
  const auto points = unpack_points(bytes.substr(1), count);
  if (!points) return require_fit_to_print(points.error().message);
  require(points->size() == count, "another number of points than was said");
  if (points->empty()) return;
  // Compared packed: not-a-number is unequal to itself.
  const auto once = packed_again(*points);
  const auto again = unpack_points(once, count);
  require(again && packed_again(*again) == once, "packed and unpacked, the points differ");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = plimsoll::fuzz::as_text(data, size);
  plimsoll::fuzz::check_points(bytes);
  plimsoll::fuzz::check_segment(bytes);
  return 0;
}
