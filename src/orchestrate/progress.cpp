#include "orchestrate/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace plimsoll {

Bytes expected_bytes(const MoveRecord& record, Act act) {
  const auto all = count(record.predicted.bytes);
  const auto image = std::min(all, count(record.predicted.image_bytes));
  if (act == Act::stage_image) return Bytes{image};
  if (act == Act::precopy) return Bytes{all - image};
  return Bytes{};
}

std::string progress_text(Bytes done, Bytes expected, Duration since_start) {
  std::string text = format_bytes(count(done));
  const bool unfinished = count(done) < count(expected);
  if (unfinished) text += " of ~" + format_bytes(count(expected));
  const double seconds = std::chrono::duration<double>(since_start).count();
  if (seconds <= 0) return text;
  const double rate = as_double(done) / seconds;
  text += fmt::format(", {}/s", format_bytes(static_cast<std::uint64_t>(rate)));
  if (!unfinished || rate < 1) return text;
  const double left = (as_double(expected) - as_double(done)) / rate;
  return text + fmt::format(", {:.0f} s left", std::ceil(left));
}

}  // namespace plimsoll
