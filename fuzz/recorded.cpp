// Recorded sample files, as `plimsoll replay` reads them.
#include "telemetry/recorded.h"

#include <sstream>

#include "fuzz.h"
#include "telemetry/wire_legacy.h"

namespace plimsoll::fuzz {
namespace {

/// A sample in the file's own form.
std::string recorded(const RecordedSample& sample) {
  auto json = encode_combined(sample.reading);
  json.pop_back();
  return json + R"(,"time":")" + format_rfc3339(sample.time.value_or(TimePoint{})) + "\"}";
}

void check_again(const RecordedSample& sample) {
  if (sample.reading.address != sample.host) return;  // named by a member we do not write
  std::istringstream in{"[" + recorded(sample) + "]"};
  RecordedReader reader{in, "again.json"};
  const auto again = reader.next();
  require(again && again->has_value(), "a sample cannot be read again");
  require((*again)->host == sample.host, "read again, the host differs");
  if (sample.time) require((*again)->time == sample.time, "read again, the time differs");
}

void check(std::string_view text) {
  std::istringstream in{std::string{text}};
  RecordedReader reader{in, "samples.json"};
  for (std::size_t calls = 0;; ++calls) {
    require(calls <= text.size(), "the reader does not come to an end");
    const auto sample = reader.next();
    if (!sample) {
      require_place(sample.error(), "samples.json:");
      const auto next = reader.next();
      if (!next && next.error() == sample.error()) return;  // broken for good
      if (next && !next->has_value()) return;
      continue;
    }
    if (!sample->has_value()) return;
    require(!(*sample)->host.empty(), "a sample of no host");
    check_again(**sample);
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
