// The predecessor's JSON: /combined and /devicedetails as the monitor reads them, /rttData as the
// agent does.
#include <algorithm>
#include <set>

#include "fuzz.h"
#include "telemetry/derived.h"
#include "telemetry/points.h"
#include "telemetry/wire_legacy.h"
#include "telemetry/wire_v1.h"

namespace plimsoll::fuzz {
namespace {

void check_device(const HostReading& reading) {
  const auto device = decode_combined(encode_devicedetails(reading));
  require(device && device->containers.empty(), "a device with containers");
  const auto points = points_of(HostId{"h1"}, reading, TimePoint{}, true);
  require(points.size() == reading.containers.size() + 1, "points and containers do not match");
}

void check_combined(std::string_view json) {
  const auto reading = decode_combined(json);
  if (!reading) return require_fit_to_print(reading.error().message);
  require(reading->cpu.percent >= 0 && reading->cpu.percent <= 100, "percent out of range");
  require(reading->containers.size() <= containers_max, "more containers than may be");
  require(std::ranges::none_of(reading->containers, [](const auto& c) { return c.id.empty(); }),
          "a container without an id");
  check_device(*reading);
  std::set<std::string> short_ids;
  for (const auto& container : reading->containers) short_ids.insert(short_id(container));
  if (short_ids.size() != reading->containers.size()) return;  // as good as twice the same
  const auto again = decode_combined(encode_combined(*reading));
  require(again && again->containers.size() == reading->containers.size(),
          "encoded and decoded, containers are gone");
  require(again->address == reading->address, "encoded and decoded, the address differs");
}

void check_rtt(std::string_view json) {
  const auto hosts = decode_rtt_request(json);
  if (!hosts) return require_fit_to_print(hosts.error().message);
  require(hosts->size() <= rtt_hosts_max, "more hosts than may be");
  std::vector<RttReport> reports;
  for (const auto& host : *hosts) reports.push_back({host, 1, 1, 1, 0});
  require(encode_rtt_response(reports).ends_with(']'), "an answer that is no array");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = plimsoll::fuzz::as_text(data, size);
  plimsoll::fuzz::check_combined(text);
  plimsoll::fuzz::check_rtt(text);
  return 0;
}
