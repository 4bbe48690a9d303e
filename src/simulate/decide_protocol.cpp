#include "simulate/decide_protocol.h"

#include <fmt/format.h>

#include <cmath>

#include "core/json_writer.h"
#include "core/text.h"
#include "simulate/line_parser.h"
#include "simulate/line_policy.h"

namespace plimsoll {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;
/// Times are kept in whole milliseconds; this is the year 5138. Ours.
constexpr double time_max_s = 1e11;
constexpr LinePlace whole_line;

std::optional<Bytes> bytes(const LineFields& fields, std::string_view field) {
  const auto amount = fields.amount(field);
  if (!amount) return std::nullopt;
  return Bytes{static_cast<std::uint64_t>(*amount)};
}

ContainerUse container_use(const json::value& value, const LinePlace& place,
                           LineProblems& problems) {
  if (value.is_null()) return {};
  if (const json::object* object = value.if_object()) {
    const LineFields fields{*object, place, problems};
    return {.cpu = fields.amount("cpu"), .memory = bytes(fields, "memory_bytes")};
  }
  problems.add(place.of("") + ": must be an object");
  return {};
}

HostUse host_use(const json::value& value, const LinePlace& place, LineProblems& problems) {
  if (value.is_null()) return {.silent = true};
  if (const json::object* object = value.if_object()) {
    const LineFields fields{*object, place, problems};
    return {.cpu = fields.amount("cpu"),
            .memory = bytes(fields, "memory_bytes"),
            .storage = bytes(fields, "storage_bytes"),
            .silent = false};
  }
  problems.add(place.of("") + ": must be an object, or null for a host that says nothing");
  return {};
}

std::string step_error(const std::string& error) {
  JsonWriter json;
  json.begin_object().key("moves").begin_array().end_array().field("error", error).end_object();
  return json.take();
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

DecideConversation::DecideConversation() : buffer_(buffer_bytes) {}

std::string DecideConversation::answer(std::string_view line) {
  if (line.size() > line_bytes_max) return refuse_long_line();
  ++line_number_;
  if (failure_ || is_blank(line)) return {};
  return session_ ? answer_step(line) : answer_first(line);
}

std::string DecideConversation::refuse_long_line() {
  ++line_number_;
  LineProblems problems;
  problems.add(fmt::format("is longer than {} MiB", line_bytes_max >> 20));
  return refuse(problems);
}

std::string DecideConversation::refuse(const LineProblems& problems) {
  const std::string place = fmt::format("line {}: ", line_number_);
  if (session_) return step_error(place + problems.text("; "));
  failure_ = Error{Errc::invalid, place + problems.text("\n" + place)};
  JsonWriter json;
  json.begin_object().field("error", place + problems.text("; ")).end_object();
  return json.take();
}

std::string DecideConversation::answer_first(std::string_view line) {
  LineProblems problems;
  with_parsed_line(line, buffer_, problems,
                   [&](const json::object& object) { begin(object, problems); });
  return problems.empty() ? std::string{} : refuse(problems);
}

void DecideConversation::begin(const json::object& line, LineProblems& problems) {
  const LineFields fields{line, whole_line, problems};
  const GivenPolicy given = read_given_policy(fields.object("policy"), problems);
  if (line.if_contains("hosts") == nullptr) fields.problem("hosts", "must be there");
  FleetChange fleet = read_fleet(fields);
  DecideSession session{given.policy, given.pace};
  const NamesAfter names{session, fleet, problems};
  if (!problems.empty()) return;
  make_change(session, std::move(fleet));
  session_.emplace(std::move(session));
}

std::string DecideConversation::answer_step(std::string_view line) {
  LineProblems problems;
  with_parsed_line(line, buffer_, problems, [&](const json::object& object) {
    StepLine step = read_step({object, whole_line, problems});
    if (!problems.empty()) return;
    make_change(*session_, std::move(step.change));
    collect(step);
  });
  if (!problems.empty()) return refuse(problems);
  session_->step(use_);
  return moves_line();
}

DecideConversation::StepLine DecideConversation::read_step(const LineFields& line) const {
  StepLine step;
  step.time = read_time(line);
  step.change = read_change(line);
  const NamesAfter names{*session_, step.change, line.problems()};
  read_containers(line, names, step);
  read_hosts(line, names, step);
  return step;
}

TimePoint DecideConversation::read_time(const LineFields& line) const {
  const json::value* given = line.all().if_contains("time");
  const auto seconds = given == nullptr ? std::nullopt : number_of(*given);
  if (!seconds || std::abs(*seconds) > time_max_s) {
    line.problem("time", "must be there: a number of seconds, up to 1e11");
    return {};
  }
  const TimePoint time{Duration{std::llround(*seconds * 1000)}};
  const auto before = session_->last_time();
  if (before && time <= *before) {
    line.problem("time", fmt::format("must be later than the step before, {:.3f}",
                                     plimsoll::seconds(before->time_since_epoch())));
  }
  return time;
}

void DecideConversation::read_containers(const LineFields& line, const NamesAfter& names,
                                         StepLine& step) {
  const json::object* containers = line.object("containers");
  if (containers == nullptr) return;
  step.containers.reserve(containers->size());
  for (const auto& [name, value] : *containers) {
    const LinePlace place{.list = "containers", .name = name, .index = {}};
    const auto position = names.container(name);
    if (!position) {
      line.problems().add(place.of("") +
                          ": there is no such container; containers_added brings it");
      continue;
    }
    step.containers.push_back({name, *position, container_use(value, place, line.problems())});
  }
}

void DecideConversation::read_hosts(const LineFields& line, const NamesAfter& names,
                                    StepLine& step) {
  const json::object* hosts = line.object("hosts");
  if (hosts == nullptr) return;
  for (const auto& [name, value] : *hosts) {
    const LinePlace place{.list = "hosts", .name = name, .index = {}};
    const auto position = names.host(name);
    if (!position) {
      line.problems().add(place.of("") + ": there is no such host; hosts_added brings it");
      continue;
    }
    step.hosts.push_back({name, *position, host_use(value, place, line.problems())});
  }
}

void DecideConversation::collect(const StepLine& step) {
  use_.time = step.time;
  use_.containers.assign(session_->container_count(), {});
  use_.hosts.assign(session_->host_count(), {});
  for (const auto& [name, position, use] : step.containers) {
    const bool known = position != NamesAfter::to_come;
    use_.containers[known ? position : *session_->find_container(name)] = use;
  }
  for (const auto& [name, position, use] : step.hosts) {
    const bool known = position != NamesAfter::to_come;
    use_.hosts[known ? position : *session_->find_host(name)] = use;
  }
}

std::string DecideConversation::moves_line() {
  JsonWriter json;
  json.begin_object().key("moves").begin_array();
  for (const SessionMove& move : session_->moves()) {
    json.begin_object()
        .field("container", session_->container_name(move.container))
        .field("from", session_->host_name(move.from))
        .field("to", session_->host_name(move.to))
        .field("reason", move.reason)
        .end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace plimsoll
