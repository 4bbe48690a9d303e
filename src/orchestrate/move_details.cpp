#include "orchestrate/move_details.h"

#include <algorithm>
#include <cmath>

#include "core/json_writer.h"
#include "docker/json_access.h"

namespace plimsoll {
namespace {

constexpr std::size_t members_max = 1000;
constexpr std::size_t rounds_max = 100;

constexpr const char* protocol_name(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
    case Protocol::sctp:
      return "sctp";
  }
  return "tcp";
}

Protocol protocol_of(const std::string& name) {
  if (name == "udp") return Protocol::udp;
  return name == "sctp" ? Protocol::sctp : Protocol::tcp;
}

void write_member(JsonWriter& json, const MoveMember& member) {
  json.begin_object().field("container", member.container.str()).field("image", member.image);
  json.field("source_id", member.source_id).field("copy_id", member.copy_id);
  json.field("restart_policy", member.restart_policy);
  json.field("restart_retries", member.restart_retries);
  json.field("adopted_id", member.adopted_id).field("adopted_name", member.adopted_name);
  json.key("ports").begin_array();
  for (const PublishedPort& port : member.ports) {
    json.begin_object().field("port", port.port).field("protocol", protocol_name(port.protocol));
    json.field("address", port.address).end_object();
  }
  json.end_array().end_object();
}

MoveMember read_member(const json::value& value) {
  MoveMember member;
  member.container = ContainerName{text_of(plimsoll::member(value, "container"))};
  member.image = text_of(plimsoll::member(value, "image"));
  member.source_id = text_of(plimsoll::member(value, "source_id"));
  member.copy_id = text_of(plimsoll::member(value, "copy_id"));
  member.restart_policy = text_of(plimsoll::member(value, "restart_policy"));
  member.restart_retries = integer_of(plimsoll::member(value, "restart_retries")).value_or(0);
  member.adopted_id = text_of(plimsoll::member(value, "adopted_id"));
  member.adopted_name = text_of(plimsoll::member(value, "adopted_name"));
  const auto* ports = plimsoll::member(value, "ports").if_array();
  if (ports == nullptr) return member;
  for (const auto& each : *ports) {
    PublishedPort port;
    port.port = static_cast<std::uint16_t>(integer_of(plimsoll::member(each, "port")).value_or(0));
    port.protocol = protocol_of(text_of(plimsoll::member(each, "protocol")));
    port.address = text_of(plimsoll::member(each, "address"));
    member.ports.push_back(std::move(port));
  }
  return member;
}

Bytes bytes_of(const json::value& value) {
  return Bytes{
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, integer_of(value).value_or(0)))};
}

int small_number(const json::value& value) {
  return static_cast<int>(std::clamp<std::int64_t>(integer_of(value).value_or(0), 0, 1'000'000));
}

}  // namespace

std::string encode_details(const MoveRecord& record) {
  JsonWriter json;
  json.begin_object().field("undoes", record.undoes.str()).field("after", record.after.str());
  json.key("downtime_max_ms");
  record.downtime_max ? json.value(record.downtime_max->count()) : json.null();
  json.key("members").begin_array();
  for (const MoveMember& member : record.members) write_member(json, member);
  json.end_array().key("rounds").begin_array();
  for (const PrecopyRound& round : record.rounds) {
    json.begin_object().field("bytes", count(round.sent));
    json.field("ms", round.duration.count()).end_object();
  }
  json.end_array();
  const MoveActual& actual = record.actual;
  json.field("predicted_image_written", count(record.predicted.image_written));
  json.field("image_bytes", count(actual.image_bytes))
      .field("image_ms", std::llround(actual.image_s * 1000));
  json.field("held_bytes", count(actual.held_bytes));
  const MoveProgress& progress = record.progress;
  json.field("precopies", progress.rounds).field("recoveries", progress.recoveries);
  json.field("left_over", progress.left_over).end_object();
  return json.take();
}

Result<void> decode_details(std::string_view json, MoveRecord* record) {
  const auto document = parse_json(json, "the journal's details of move " + record->id.str());
  if (!document) return document.error();
  const auto* members = member(*document, "members").if_array();
  const auto* rounds = member(*document, "rounds").if_array();
  if (members == nullptr || members->empty() || members->size() > members_max ||
      rounds == nullptr || rounds->size() > rounds_max) {
    return Error{Errc::malformed,
                 "the journal's details of move " + record->id.str() + " name no container"};
  }
  record->after = MoveId{text_of(member(*document, "after"))};
  record->undoes = MoveId{text_of(member(*document, "undoes"))};
  if (const auto bound = integer_of(member(*document, "downtime_max_ms"))) {
    record->downtime_max = Duration{*bound};
  }
  for (const auto& each : *members) record->members.push_back(read_member(each));
  for (const auto& each : *rounds) {
    record->rounds.push_back({bytes_of(member(each, "bytes")),
                              Duration{integer_of(member(each, "ms")).value_or(0)}, std::nullopt});
  }
  record->predicted.image_written = bytes_of(member(*document, "predicted_image_written"));
  MoveActual& actual = record->actual;
  actual.image_bytes = bytes_of(member(*document, "image_bytes"));
  actual.image_s =
      static_cast<double>(integer_of(member(*document, "image_ms")).value_or(0)) / 1000;
  actual.held_bytes = bytes_of(member(*document, "held_bytes"));
  MoveProgress& progress = record->progress;
  progress.rounds = small_number(member(*document, "precopies"));
  progress.recoveries = small_number(member(*document, "recoveries"));
  progress.left_over = is_true(member(*document, "left_over"));
  return {};
}

}  // namespace plimsoll
