#include "store/influx_refusal.h"

#include "core/text.h"
#include "store/influx_answer.h"

namespace plimsoll {
namespace {

namespace json = boost::json;

constexpr std::size_t why_bytes_max = 300;
constexpr std::size_t faults_max = 10'000;

std::optional<std::string> words_of(const json::value& root) {
  auto text = text_at(root, "error");
  return text ? text : text_at(root, "message");
}

bool is_about_points(const std::string& text) {
  return text.find("partial write") != std::string::npos ||
         text.find("unable to parse") != std::string::npos ||
         text.find("parsing failed") != std::string::npos ||
         text.find("field type conflict") != std::string::npos;
}

// Lines are counted from one on the wire.
std::optional<std::size_t> line_at(const json::value& value, const char* key) {
  const auto* object = value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(key);
  const auto* number = found == nullptr ? nullptr : found->if_int64();
  if (number == nullptr || *number < 1) return std::nullopt;
  return static_cast<std::size_t>(*number - 1);
}

std::vector<InfluxLineFault> faults_in(const json::value& root) {
  std::vector<InfluxLineFault> faults;
  const auto* data = array_at(root, "data");
  if (data == nullptr) return faults;
  for (const auto& one : *data) {
    const auto line = line_at(one, "line_number");
    if (!line || faults.size() >= faults_max) continue;
    const auto why = text_at(one, "error_message");
    faults.push_back({*line, printable(why ? *why : "refused", why_bytes_max)});
  }
  return faults;
}

}  // namespace

std::string influx_error_text(std::string_view body) {
  const auto document = JsonDocument::parse(body, influx_json_limits);
  const auto text = document ? words_of(document->root()) : std::nullopt;
  return printable(trim(text ? *text : body), why_bytes_max);
}

std::optional<InfluxPartial> parse_influx_partial(unsigned status, std::string_view body) {
  if (status == 413) return InfluxPartial{"larger than InfluxDB's limit", {}, {}, {}};
  if (status != 400 && status != 422) return std::nullopt;
  const auto document = JsonDocument::parse(body, influx_json_limits);
  const auto text = document ? words_of(document->root()) : std::nullopt;
  if (!text || !is_about_points(*text)) return std::nullopt;
  InfluxPartial partial{printable(*text, why_bytes_max),
                        {},
                        faults_in(document->root()),
                        line_at(document->root(), "line")};
  if (const auto at = text->rfind("dropped="); at != std::string::npos) {
    partial.dropped = parse_number<std::size_t>(trim(std::string_view{*text}.substr(at + 8)));
  }
  // Lines that could not be read are not counted as dropped.
  if (partial.dropped == 0U) partial.dropped.reset();
  return partial;
}

}  // namespace plimsoll
