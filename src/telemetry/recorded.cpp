#include "telemetry/recorded.h"

#include <fmt/format.h>

#include <utility>

#include "core/text.h"
#include "telemetry/json_reader.h"
#include "telemetry/wire_legacy_json.h"

namespace plimsoll {
namespace {

constexpr int end_of_file = std::istream::traits_type::eof();

/// Finds the end of an object: braces outside of texts, balanced.
class ObjectScanner {
 public:
  /// True when this byte ends the object.
  bool feed(char c) {
    if (in_text_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_text_ = false;
      }
      return false;
    }
    if (c == '"') in_text_ = true;
    if (c == '{') ++depth_;
    if (c == '}') --depth_;
    return depth_ == 0;
  }

 private:
  bool in_text_ = false;
  bool escaped_ = false;
  std::size_t depth_ = 0;
};

Result<RecordedSample> sample_of(const boost::json::value& value) {
  auto reading = read_combined(value);
  if (!reading) return reading.error();
  RecordedSample sample;
  std::optional<Error> problem;
  JsonFields fields{value, problem};
  std::optional<std::string> time;
  fields.optional("host", sample.host);
  if (sample.host.empty()) fields.optional("nw_ip", sample.host);
  fields.optional("time", time);
  if (problem) return *problem;
  if (sample.host.empty()) return Error{Errc::malformed, "has neither 'host' nor 'nw_ip'"};
  if (time) {
    auto parsed = parse_asctime(*time);
    if (!parsed) parsed = parse_rfc3339(*time);
    if (!parsed)
      return Error{Errc::malformed, fmt::format("time '{}' cannot be read", printable(*time, 40))};
    sample.time = *parsed;
    reading->sampled_at = *parsed;
  }
  sample.reading = std::move(*reading);
  return sample;
}

}  // namespace

Error RecordedReader::error(std::string what) const {
  return {Errc::malformed, fmt::format("{}:{}: {}", file_, line_, what)};
}

int RecordedReader::get() {
  const int c = in_.get();
  if (c == '\n') ++line_;
  return c;
}

/// False where this byte must not stand between two hosts.
bool RecordedReader::take_punctuation(char c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      return true;
    case '[':
      want_comma_ = false;
      return !std::exchange(in_array_, true);
    case ']':
      return std::exchange(in_array_, false);
    case ',':
      return in_array_ && std::exchange(want_comma_, false);
    default:
      return false;
  }
}

Result<bool> RecordedReader::seek_element() {
  for (;;) {
    const int c = in_.peek();
    if (c == '{') {
      if (in_array_ && want_comma_) return error("a comma is missing between two hosts");
      return true;
    }
    get();
    if (c == end_of_file) {
      if (in_array_) return error("ends in the middle of an array: is the file whole?");
      return false;
    }
    const char byte = static_cast<char>(c);
    if (!take_punctuation(byte)) {
      return error(
          fmt::format("'{}' where a host, an object, must stand", printable({&byte, 1}, 4)));
    }
  }
}

Result<std::string> RecordedReader::take_element() {
  element_line_ = line_;
  std::string text;
  ObjectScanner scanner;
  for (;;) {
    const int c = get();
    if (c == end_of_file) return error("ends in the middle of a host: is the file whole?");
    if (text.size() == element_bytes_max) {
      Error failure = error("a host takes more than 8 MiB");
      failure.code = Errc::too_large;
      return failure;
    }
    text += static_cast<char>(c);
    if (scanner.feed(static_cast<char>(c))) return text;
  }
}

Result<std::optional<RecordedSample>> RecordedReader::next() {
  if (broken_) return *broken_;
  const auto found = seek_element();
  if (!found) return *(broken_ = found.error());
  if (!*found) return std::optional<RecordedSample>{};
  const auto text = take_element();
  if (!text) return *(broken_ = text.error());
  want_comma_ = true;
  const auto at = fmt::format("{}:{}", file_, element_line_);
  const auto document = JsonDocument::parse(*text);
  if (!document) return document.error().in(at);
  auto sample = sample_of(document->root());
  if (!sample) return sample.error().in(at);
  return std::optional<RecordedSample>{std::move(*sample)};
}

}  // namespace plimsoll
