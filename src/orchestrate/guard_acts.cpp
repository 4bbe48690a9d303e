#include <fmt/format.h>

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "orchestrate/workload_move.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t hold_s = 30;

HandCall simple_call(std::string act) {
  HandCall call;
  call.act = std::move(act);
  return call;
}

bool is_ipv6(const std::string& address) { return address.find(':') != std::string::npos; }

std::string endpoint(const std::string& address, std::uint16_t port) {
  return is_ipv6(address) ? fmt::format("[{}]:{}", address, port)
                          : fmt::format("{}:{}", address, port);
}

/// The published TCP ports of the whole workload, as `hand stub-start` reads them; "" for none.
std::string stub_request(const MoveRecord& record, const std::string& to, Duration lasts) {
  JsonWriter json;
  json.begin_object().key("ports").begin_array();
  bool any = false;
  for (const MoveMember& member : record.members) {
    for (const PublishedPort& port : member.ports) {
      if (port.protocol != Protocol::tcp) continue;
      const auto listen = port.address.empty() ? std::string{"0.0.0.0"} : port.address;
      json.begin_object().field("listen", endpoint(listen, port.port));
      json.field("to", endpoint(to, port.port)).end_object();
      any = true;
    }
  }
  json.end_array().field("seconds", std::max<std::int64_t>(1, lasts.count() / 1000));
  json.field("hold_s", hold_s).field("divert", true).end_object();
  return any ? json.take() : std::string{};
}

}  // namespace

// --- the lease --------------------------------------------------------------------------------

Task<Result<std::string>> WorkloadMove::arm_lease(const MoveRecord* record) {
  HandCall call = simple_call("lease-arm");
  for (const MoveMember& member : record->members) {
    call.words.insert(call.words.end(), {"--container", member.copy_id});
  }
  call.words.insert(call.words.end(), {"--ttl", std::to_string(config_.lease.count() / 1000)});
  const auto status = co_await destination_.hand().act(std::move(call));
  if (!status) co_return status.error();
  if (text_of(plimsoll::member(*status, "lease")) != "armed" ||
      !is_true(plimsoll::member(*status, "kept"))) {
    co_return Error{Errc::conflict, record->to.str() + ": the lease does not hold"};
  }
  armed_at_ = Clock::now();
  co_return fmt::format("lease of {}", format_duration(config_.lease));
}

Task<Result<void>> WorkloadMove::renew_lease() {
  const auto status = co_await destination_.hand().act(simple_call("lease-renew"));
  if (!status) co_return status.error();
  armed_at_ = Clock::now();
  co_return Result<void>{};
}

/// One that has expired is removed, and what it stopped is started again.
Task<Result<void>> WorkloadMove::end_lease(const MoveRecord* record) {
  const auto ended = co_await destination_.hand().act(simple_call("lease-disarm"));
  if (ended) co_return Result<void>{};
  if (ended.error().code != Errc::refused) co_return ended.error();
  const auto cleaned = co_await destination_.hand().act(simple_call("clean"));
  if (!cleaned) co_return cleaned.error();
  for (const MoveMember& member : record->members) {
    const auto started = co_await destination_.engine().start(member.copy_id);
    if (!started) co_return started.error().in(record->to.str());
  }
  co_return Result<void>{};
}

/// Stubs of earlier moves from there, which would keep the copy from its own ports.
Task<Result<void>> WorkloadMove::free_ports(const MoveRecord* record) {
  JsonWriter json;
  json.begin_object().key("ports").begin_array();
  bool any = false;
  for (const MoveMember& member : record->members) {
    for (const PublishedPort& port : member.ports) json.value(port.port);
    any = any || !member.ports.empty();
  }
  json.end_array().end_object();
  if (!any) co_return Result<void>{};
  HandCall call = simple_call("ports-free");
  call.input = json.take();
  const auto freed = co_await destination_.hand().act(std::move(call));
  if (!freed) co_return freed.error();
  co_return Result<void>{};
}

/// The last thing before the stop: what can be done ahead of it is done.
Task<Result<std::string>> WorkloadMove::fence_sources(MoveRecord* record) {
  const auto connected = co_await destination_.connect();
  if (!connected) co_return connected.error();
  const auto freed = co_await free_ports(record);
  if (!freed) co_return freed.error();
  auto words = co_await for_each(&WorkloadMove::fence_source, record, Turn::last_to_first);
  co_return words;
}

Task<Result<std::string>> WorkloadMove::start_destinations(MoveRecord* record) {
  const bool fresh = armed_at_ && Clock::now() - *armed_at_ < config_.lease / 2;
  if (!fresh) {
    const auto armed = co_await arm_lease(record);
    if (!armed) co_return armed;
  }
  auto words = co_await for_each(&WorkloadMove::start_destination, record, Turn::first_to_last);
  co_return words;
}

Task<Result<std::string>> WorkloadMove::finish_destinations(MoveRecord* record) {
  const auto ended = co_await end_lease(record);
  if (!ended) co_return ended.error();
  auto words = co_await for_each(&WorkloadMove::finish_destination, record, Turn::first_to_last);
  co_return words;
}

// --- the forwarding stub ----------------------------------------------------------------------

/// Before the stop, so that no connection is refused while the container goes.
Task<Result<std::string>> WorkloadMove::start_stub(const MoveRecord* record) {
  if (config_.forward <= Duration{0}) co_return std::string{"nobody is redirected"};
  HandCall call = simple_call("stub-start");
  call.input = stub_request(*record, destination_.host().address, config_.forward);
  if (call.input.empty()) co_return std::string{"no TCP port is published"};
  const auto status = co_await source_.hand().act(std::move(call));
  if (!status) co_return status.error();
  co_return std::string{"it listens"};
}

Task<Result<std::string>> WorkloadMove::redirect(MoveRecord* record) {
  const auto status = co_await source_.hand().act(simple_call("stub-status"));
  if (!status) co_return status.error();
  if (!is_true(plimsoll::member(*status, "running"))) {
    auto started = co_await start_stub(record);
    co_return started;
  }
  co_return fmt::format(
      "{} forwards {} port(s) for {}, {} connection(s) so far", record->from.str(),
      integer_of(plimsoll::member(*status, "ports")).value_or(0), format_duration(config_.forward),
      integer_of(plimsoll::member(*status, "hits")).value_or(0));
}

/// Its ports have to be free for the source.
Task<Result<std::string>> WorkloadMove::start_sources(MoveRecord* record) {
  const auto freed = co_await source_.hand().act(simple_call("stub-stop"));
  if (!freed) co_return freed.error();
  auto words = co_await for_each(&WorkloadMove::start_source, record, Turn::first_to_last);
  co_return words;
}

// --- the end ----------------------------------------------------------------------------------

/// Keys, grants, sockets, what is known of folders. Best effort: all of it ends by itself.
Task<void> WorkloadMove::leave_nothing(bool keep_stub) {
  for (RemoteHost* host : {&source_, &destination_}) {
    const auto connected = co_await host->connect();
    if (!connected) continue;
    const auto images = co_await host->hand().act(simple_call("image-clean"));
    HandCall call = simple_call("clean");
    if (keep_stub) call.words = {"--keep-stub"};
    const auto cleaned = co_await host->hand().act(std::move(call));
    if (!images) log::warning("{}", images.error().message);
    if (!cleaned) log::warning("{}", cleaned.error().message);
  }
  way_.forget();
}

Task<Result<std::string>> WorkloadMove::retire_sources(MoveRecord* record) {
  auto words = co_await for_each(&WorkloadMove::retire_source, record, Turn::last_to_first);
  if (words) co_await leave_nothing(true);
  co_return words;
}

/// The retired container, with its volumes where nobody else has them.
Task<Result<std::string>> WorkloadMove::remove_retired(MoveRecord* record, MoveMember* member) {
  const auto retired = co_await source_.engine().inspect(member->source_id);
  if (!retired && retired.error().code == Errc::not_found) co_return std::string{"it is gone"};
  if (!retired) co_return retired.error().in(record->from.str());
  if (retired->state == "running" || retired->name != record->retired_name(*member)) {
    co_return Error{
        Errc::refused,
        fmt::format("{}: '{}' is {} now: somebody took it up again, it stays", record->from.str(),
                    printable(retired->name), printable(retired->state))};
  }
  const auto removed = co_await source_.engine().remove(retired->id, true);
  if (!removed) co_return removed.error().in(record->from.str());
  for (const ContainerMount& mount : retired->mounts) {
    if (mount.type != "volume" || mount.anonymous) continue;
    const auto users = co_await source_.engine().containers_with_volume(mount.name);
    if (!users || !users->empty()) continue;
    const auto gone = co_await source_.engine().remove_volume(mount.name);
    if (!gone) log::warning("{}: {}", record->from.str(), gone.error().message);
  }
  co_return fmt::format("'{}' and its volumes are removed", record->retired_name(*member));
}

Task<Result<std::string>> WorkloadMove::clean(MoveRecord* record) {
  auto words = co_await for_each(&WorkloadMove::remove_retired, record, Turn::last_to_first);
  if (!words) co_return words;
  const auto cleaned = co_await source_.hand().act(simple_call("clean"));
  if (!cleaned) co_return cleaned.error();
  co_return words;
}

}  // namespace plimsoll
