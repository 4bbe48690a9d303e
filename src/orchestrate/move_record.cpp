#include "orchestrate/move_record.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "core/json_writer.h"
#include "core/text.h"
#include "decide/decide.h"

namespace plimsoll {
namespace {

constexpr std::string_view id_alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t id_length = 12;

void write_figures(JsonWriter& json, Bytes bytes, double transfer_s, double downtime_s) {
  json.begin_object().field("bytes", count(bytes));
  json.field("transfer_s", transfer_s).field("downtime_s", downtime_s).end_object();
}

void write_step(JsonWriter& json, const StepRecord& step) {
  json.begin_object().field("state", step.name).field("started", format_rfc3339(step.started));
  json.key("finished");
  step.finished ? json.value(format_rfc3339(*step.finished)) : json.null();
  json.field("failed", step.failed).field("detail", step.detail).end_object();
}

void write_record(JsonWriter& json, const MoveRecord& record) {
  json.begin_object().field("id", record.id.str()).field("container", record.container.str());
  json.field("from", record.from.str()).field("to", record.to.str());
  json.field("strategy", strategy_name(record.strategy));
  json.field("state", state_name(record.progress.state));
  json.field("reason", record.reason).field("started", format_rfc3339(record.created));
  json.key("finished");
  record.finished ? json.value(format_rfc3339(*record.finished)) : json.null();
  const auto& predicted = record.predicted;
  json.key("predicted");
  write_figures(json, predicted.bytes, predicted.transfer_s, predicted.downtime_s);
  json.key("actual");
  write_figures(json, record.actual.bytes, record.actual.transfer_s, record.actual.downtime_s);
  json.key("members").begin_array();
  for (const MoveMember& member : record.members) json.value(member.container.str());
  json.end_array().field("undoes", record.undoes.str());
  json.key("steps").begin_array();
  for (const auto& step : record.steps) write_step(json, step);
  json.end_array().field("error", record.error).end_object();
}

std::string time_of_step(const StepRecord& step) {
  if (!step.finished) return "…";
  return format_duration(std::max(Duration{0}, *step.finished - step.started));
}

std::string figures(const char* name, Bytes bytes, double transfer_s, double downtime_s) {
  return fmt::format("{:<10} {:>10}  transfer {:>7.2f} s  stop {:>6.2f} s\n", name,
                     format_bytes(count(bytes)), transfer_s, downtime_s);
}

}  // namespace

bool has_member(const MoveRecord& record, const ContainerName& container) {
  return std::ranges::find(record.members, container, &MoveMember::container) !=
         record.members.end();
}

bool is_by_hand(const MoveRecord& record) { return record.reason.starts_with(by_hand_reason); }

MoveId make_move_id() {
  std::array<unsigned char, id_length> random{};
  // Cannot fail for so few bytes once the kernel has booted (getrandom(2)).
  if (::getrandom(random.data(), random.size(), 0) < 0) std::abort();
  std::string text;
  for (const unsigned char byte : random) text += id_alphabet[byte % id_alphabet.size()];
  return MoveId{text};
}

bool is_move_id(std::string_view text) {
  return text.size() == id_length && text.find_first_not_of(id_alphabet) == std::string_view::npos;
}

std::string render_json(const MoveRecord& record) {
  JsonWriter json;
  write_record(json, record);
  return json.take();
}

std::string render_json(const std::vector<MoveRecord>& records) {
  JsonWriter json;
  json.begin_object().key("moves").begin_array();
  for (const auto& record : records) write_record(json, record);
  json.end_array().end_object();
  return json.take();
}

std::string render_text(const MoveRecord& record) {
  std::string text =
      fmt::format("move {}: {} from {} to {}, {}\n", record.id.str(), record.container.str(),
                  record.from.str(), record.to.str(), state_name(record.progress.state));
  text += fmt::format("because    {}\n", record.reason);
  text += fmt::format("began      {}\n", format_rfc3339(record.created));
  if (record.finished) text += fmt::format("ended      {}\n", format_rfc3339(*record.finished));
  const auto& predicted = record.predicted;
  text += figures("predicted", predicted.bytes, predicted.transfer_s, predicted.downtime_s);
  text +=
      figures("actual", record.actual.bytes, record.actual.transfer_s, record.actual.downtime_s);
  for (const auto& step : record.steps) {
    const bool goes_on = &step == &record.steps.back() && !is_final(record.progress.state);
    const char* unfinished = goes_on ? "now" : "cut";
    const char* verdict = step.failed ? "FAIL" : (step.finished ? "ok" : unfinished);
    text += fmt::format("  {:<4} {:<20} {:>9}  {}\n", verdict, step.name, time_of_step(step),
                        step.detail);
  }
  if (!record.error.empty()) text += fmt::format("error      {}\n", record.error);
  return text;
}

std::string render_text(const std::vector<MoveRecord>& records) {
  if (records.empty()) return "No moves yet.\n";
  std::string text = fmt::format("{:<13} {:<20} {:<24} {:<22} {:<16} {:>10} {:>7}\n", "ID", "BEGAN",
                                 "CONTAINER", "FROM -> TO", "STATE", "BYTES", "STOP");
  for (const auto& record : records) {
    const auto way = record.from.str() + " -> " + record.to.str();
    text +=
        fmt::format("{:<13} {:<20.19} {:<24} {:<22} {:<16} {:>10} {:>5.1f} s\n", record.id.str(),
                    format_rfc3339(record.created), printable(record.container.str(), 24), way,
                    state_name(record.progress.state), format_bytes(count(record.actual.bytes)),
                    record.actual.downtime_s);
  }
  return text;
}

}  // namespace plimsoll
