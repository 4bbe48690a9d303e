#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// One host at one moment, as the predecessor's collector recorded it.
struct RecordedSample {
  std::string host;  ///< Its `host`, else its `nw_ip`.
  std::optional<TimePoint> time;
  HostReading reading;
};

/// Reads recorded samples one after the other: JSON arrays without anything between them
/// (`[...][...]`), one array, or an object a line; each element is a host as GET /combined gives
/// it, with a `time` in asctime's form or RFC 3339. Holds one element in memory at a time.
class RecordedReader {
 public:
  static constexpr std::size_t element_bytes_max = 8U << 20;

  /// `file` stands in front of the line number in messages. Requires: `in` outlives the reader.
  RecordedReader(std::istream& in, std::string file) : in_(in), file_(std::move(file)) {}

  /// The next sample; nothing at the end.
  /// Errors: malformed - "FILE:LINE: ..."; an element that is not a host is passed over by the next
  /// call, after a broken structure every call fails; too_large - an element passes the bound.
  /// Blocks: on the stream.
  [[nodiscard]] Result<std::optional<RecordedSample>> next();

 private:
  [[nodiscard]] Error error(std::string what) const;
  [[nodiscard]] Result<bool> seek_element();
  [[nodiscard]] bool take_punctuation(char c);
  [[nodiscard]] Result<std::string> take_element();
  int get();

  std::istream& in_;
  std::string file_;
  std::size_t line_ = 1;
  std::size_t element_line_ = 1;
  bool in_array_ = false;
  bool want_comma_ = false;
  std::optional<Error> broken_;
};

}  // namespace plimsoll
