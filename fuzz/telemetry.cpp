// GET /v1/telemetry as the monitor reads it, and all that is made of a reading.
#include "fuzz.h"
#include "telemetry/line_protocol.h"
#include "telemetry/points.h"
#include "telemetry/prometheus.h"
#include "telemetry/wire_legacy.h"
#include "telemetry/wire_v1.h"

namespace plimsoll::fuzz {
namespace {

void check_points(const HostReading& reading) {
  const TimePoint at{Duration{1'700'000'000'000}};
  const auto points = points_of(HostId{"h1"}, reading, at, true);
  require(points.size() == reading.containers.size() + 1, "points and containers do not match");
  for (const auto& point : points) {
    std::string line;
    append_line(line, point);
    const auto read = parse_lines(line);
    require(read && read->size() <= 1, "a point's line cannot be read");
    if (read->size() == 1) require(read->front().time == at, "a point's time is lost");
  }
}

void check(std::string_view json) {
  const auto reading = decode_v1(json);
  if (!reading) {
    const auto code = reading.error().code;
    require(code == Errc::malformed || code == Errc::invalid || code == Errc::too_large,
            "an error of another kind");
    require_fit_to_print(reading.error().message);
    return;
  }
  require(reading->containers.size() <= containers_max, "more containers than may be");
  require(reading->cpu.percent >= 0 && reading->cpu.percent <= 100, "percent out of range");
  const auto again = decode_v1(encode_v1(*reading));
  require(again && *again == *reading, "encoded and decoded, the reading differs");
  check_points(*reading);
  const auto exposed = encode_prometheus(*reading);
  require(exposed.ends_with('\n'), "an exposition that does not end its last line");
  // That form has the first 12 digits of an id, which two containers may share.
  const auto legacy = decode_combined(encode_combined(*reading));
  const bool twins = !legacy && legacy.error().message.ends_with("' twice");
  require(legacy.has_value() || twins, "no legacy form of it");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
