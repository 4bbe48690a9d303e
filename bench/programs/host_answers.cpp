#include "host_answers.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "made_up.h"
#include "telemetry/wire_v1.h"
#include "tiny_server.h"

namespace plimsoll::bench {
namespace {

namespace json = boost::json;

constexpr std::size_t readings = 8;
constexpr std::string_view time_key = "\"sampled_at\":\"";

std::string text_at(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains({name.data(), name.size()});
  const auto* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

/// What tells the elements of a list apart.
std::string labels_of(const json::object& element) {
  if (const auto id = text_at(element, "id"); !id.empty()) {
    return fmt::format("{{id=\"{}\",name=\"{}\"}}", id.substr(0, 12), text_at(element, "name"));
  }
  for (const char* key : {"mount", "device", "name"}) {
    if (const auto text = text_at(element, key); !text.empty()) {
      return fmt::format("{{{}=\"{}\"}}", key, text);
    }
  }
  return "";
}

/// A line for each number, named by its path.
void append_samples(std::string& out, const json::value& value, const std::string& path,
                    const std::string& labels, std::size_t& count) {
  if (const auto* object = value.if_object()) {
    for (const auto& [key, inner] : *object) {
      append_samples(out, inner, path + "_" + std::string{key}, labels, count);
    }
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array) {
      if (element.is_object()) {
        append_samples(out, element, path, labels_of(element.get_object()), count);
      }
    }
  } else if (value.is_number()) {
    out += fmt::format("{}{} {}\n", path, labels, value.to_number<double>());
    ++count;
  }
}

}  // namespace

HostAnswers::HostAnswers(std::size_t containers) {
  MadeUp made_up;
  for (std::size_t i = 0; i < readings; ++i) {
    const auto body = encode_v1(made_up.host(containers));
    Answer answer;
    answer.telemetry = http_answer("200 OK", "application/json", body);
    answer.time_at = answer.telemetry.find(time_key);
    if (answer.time_at == std::string::npos) give_up("the telemetry has no sampled_at");
    answer.time_at += time_key.size();
    std::string text;
    samples_ = 0;
    append_samples(text, json::parse(body), "plimsoll", "", samples_);
    answer.metrics = http_answer("200 OK", "text/plain; version=0.0.4", text);
    answers_.push_back(std::move(answer));
  }
}

std::string_view HostAnswers::telemetry() {
  auto& answer = answers_[next_++ % answers_.size()];
  const auto now = format_rfc3339(wall_clock_now());
  answer.telemetry.replace(answer.time_at, now.size(), now);
  return answer.telemetry;
}

std::string_view HostAnswers::metrics() { return answers_[next_++ % answers_.size()].metrics; }

}  // namespace plimsoll::bench
