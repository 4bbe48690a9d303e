// The acts of `plimsoll hand` that guard a host: gate, lease, stub, grants, and cleaning up.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <cstdlib>
#include <system_error>

#include "core/json_writer.h"
#include "core/text.h"
#include "hand/clean.h"
#include "hand/fence.h"
#include "hand/gate.h"
#include "hand/grant.h"
#include "hand/lease.h"
#include "hand/move_folder.h"
#include "hand/own_place.h"
#include "hand/receive.h"
#include "hand/stub.h"
#include "hand_acts.h"
#include "run.h"

namespace plimsoll {
namespace {

// --- gate -------------------------------------------------------------------------------------

struct GateOptions : HandOptions {
  bool look = false;
};

std::optional<unsigned> sudo_user() {
  const char* uid = std::getenv("SUDO_UID");
  return uid == nullptr ? std::nullopt : parse_number<unsigned>(std::string_view{uid});
}

void say_ready(const std::filesystem::path& socket) {
  JsonWriter json;
  json.begin_object().field("ready", true).field("socket", socket.string()).end_object();
  print_hand_line(json.take());
}

/// In a folder that the caller of sudo may pass; the socket itself is his alone.
Result<std::filesystem::path> gate_socket(const HandContext& context) {
  const auto folder = context.run / "gates";
  for (const auto& path : {context.run, folder}) {
    if (::mkdir(path.c_str(), 0711) != 0 && errno != EEXIST) {
      return Error{Errc::io, path.string() + ": " + std::generic_category().message(errno)};
    }
  }
  return folder / std::to_string(::getpid());
}

Task<int> gate(const GateOptions* options) {
  using namespace asio::experimental::awaitable_operators;
  const auto context = hand_context_of(*options);
  if (!options->look && (options->move.empty() || options->owner.empty())) {
    co_return tell_hand_result(
        Error{Errc::invalid, "gate: --look, or --move, --epoch and --owner"});
  }
  if (!options->look) {
    Fence fence{context.state};
    const auto may = fence.admit(context.order);
    if (!may) co_return tell_hand_result(may.error());
  }
  const auto socket = gate_socket(context);
  if (!socket) co_return tell_hand_result(socket.error());
  GateConfig config{context.docker, *socket, sudo_user(), context.order, context.state};
  if (options->look) config.order.reset();
  auto ready = [where = *socket] { say_ready(where); };
  auto until = run_gate(std::move(config), std::move(ready)) || until_input_ends() ||
               until_reader_has_gone();
  const auto first = co_await std::move(until);
  if (first.index() == 0 && !std::get<0>(first))
    co_return tell_hand_result(std::get<0>(first).error());
  co_return exit_ok;
}

int run_gate_command(const GateOptions& options, const CommandContext& /*context*/) {
  asio::io_context io{1};
  return run_to_end(io, gate(&options));
}

void add_gate(const CommandLine& hand, CommandContext& context) {
  const auto command = add_command<GateOptions>(
      hand, context,
      {"gate", "Docker's socket, for as long as the order is current and standard input is open",
       "  plimsoll hand gate --move ID --epoch N --owner ID\n  plimsoll hand gate --look\n"},
      run_gate_command);
  auto& options = *command.options;
  command.line.add_flag("--look", options.look, "Without an order; only GET passes");
  add_hand_options(command.line, options);
  for (const char* name : {"--move", "--epoch", "--owner"}) {
    command.line.make_optional(name);
  }
}

// --- lease ------------------------------------------------------------------------------------

struct LeaseOptions : HandOptions {
  std::vector<std::string> containers;
  std::int64_t ttl = 15;
  std::int64_t grace = 10;
};

struct KeeperOptions : HandOptions {
  std::string generation;
};

Result<std::string> as_json(const Result<LeaseStatus>& status) {
  if (!status) return status.error();
  return lease_json(*status);
}

Task<Result<std::string>> lease_arm(const HandContext* context, const LeaseOptions* options) {
  LeaseTerms terms{options->containers, std::chrono::seconds{options->ttl},
                   std::chrono::seconds{options->grace}};
  const auto status = co_await arm_lease(context, std::move(terms));
  co_return as_json(status);
}
Task<Result<std::string>> lease_renew(const HandContext* context, const HandOptions* /*options*/) {
  co_return as_json(renew_lease(*context));
}
Task<Result<std::string>> lease_disarm(const HandContext* context, const HandOptions* /*options*/) {
  co_return as_json(disarm_lease(*context));
}
Task<Result<std::string>> lease_tell(const HandContext* context, const HandOptions* /*options*/) {
  co_return as_json(lease_status(*context));
}

int run_keeper(const KeeperOptions& options, const CommandContext& /*context*/) {
  const auto kept = keep_lease(hand_context_of(options), options.generation);
  return kept ? exit_ok : fail(kept.error());
}

void add_lease(const CommandLine& hand, CommandContext& context) {
  const auto arm = add_act_with<LeaseOptions, lease_arm>(
      hand, context, "lease-arm", "Stop containers unless the lease is renewed in time");
  arm.line.add_option("--container", arm.options->containers, "Id or name; once for each")
      .required();
  arm.line.add_option("--ttl", arm.options->ttl, "Seconds until it expires");
  arm.line.add_option("--grace", arm.options->grace, "Seconds between SIGTERM and SIGKILL");
  add_act<lease_renew>(hand, context, "lease-renew", "Count its time from now again");
  add_act<lease_disarm>(hand, context, "lease-disarm", "End it; the containers run on");
  add_act<lease_tell>(hand, context, "lease-status", "How it stands");
  // Started by lease-arm; its order was admitted there.
  const auto keep = add_command<KeeperOptions>(
      hand, context, {"lease-keep", "What waits for the lease to expire", ""}, run_keeper);
  add_hand_options(keep.line, *keep.options);
  keep.line.add_option("--generation", keep.options->generation, "Of the arming").required();
}

// --- stub -------------------------------------------------------------------------------------

Result<std::string> as_json(const Result<StubStatus>& status) {
  if (!status) return status.error();
  return stub_json(*status);
}

Task<Result<std::string>> stub_start(const HandContext* context, const HandOptions* /*options*/) {
  const auto spec = read_input();
  if (!spec) co_return spec.error();
  const auto status = co_await start_stub(context, *spec);
  co_return as_json(status);
}
Task<Result<std::string>> stub_tell(const HandContext* context, const HandOptions* /*options*/) {
  co_return as_json(stub_status(*context));
}
Task<Result<std::string>> stub_stop(const HandContext* context, const HandOptions* /*options*/) {
  const auto status = co_await stop_stub(context);
  co_return as_json(status);
}

Task<Result<std::string>> ports_free(const HandContext* context, const HandOptions* /*options*/) {
  const auto request = hand_request();
  if (!request) co_return request.error();
  std::vector<std::uint16_t> ports;
  if (const auto* list = member(*request, "ports").if_array()) {
    for (const auto& each : *list) {
      ports.push_back(static_cast<std::uint16_t>(integer_of(each).value_or(0)));
    }
  }
  const auto ended = co_await free_ports(context, std::move(ports));
  if (!ended) co_return ended.error();
  JsonWriter json;
  json.begin_object().field("ended", *ended).end_object();
  co_return json.take();
}

Task<int> kept_stub(const HandContext* context) {
  const auto kept = co_await keep_stub(context);
  co_return kept ? exit_ok : fail(kept.error());
}

int run_stub(const HandOptions& options, const CommandContext& /*context*/) {
  asio::io_context io{1};
  const auto context = hand_context_of(options);
  return run_to_end(io, kept_stub(&context));
}

void add_stub(const CommandLine& hand, CommandContext& context) {
  add_act<stub_start>(hand, context, "stub-start", "Forward published ports to the new host");
  add_act<stub_tell>(hand, context, "stub-status", "What it has done so far");
  add_act<stub_stop>(hand, context, "stub-stop", "End it and free its ports");
  add_act<ports_free>(hand, context, "ports-free", "End the stubs that hold certain ports");
  const auto keep = add_command<HandOptions>(
      hand, context, {"stub-keep", "What listens and forwards; started by stub-start", ""},
      run_stub);
  add_hand_options(keep.line, *keep.options);
}

// --- grants -----------------------------------------------------------------------------------

Task<Result<std::string>> key(const HandContext* context, const HandOptions* /*options*/) {
  const auto text = co_await make_move_key(context);
  if (!text) co_return text.error();
  JsonWriter json;
  json.begin_object()
      .field("key", *text)
      .field("file", (context->move_folder() / "key").string())
      .end_object();
  co_return json.take();
}
Task<Result<std::string>> grant(const HandContext* context, const HandOptions* /*options*/) {
  const auto text = read_input();
  if (!text) co_return text.error();
  auto spec = parse_grant_spec(*text);
  if (!spec) co_return spec.error();
  const auto facts = co_await grant_access(context, std::move(*spec));
  if (!facts) co_return facts.error();
  co_return sshd_json(*facts);
}
Task<Result<std::string>> revoke(const HandContext* context, const HandOptions* /*options*/) {
  const auto lines = co_await revoke_access(context);
  if (!lines) co_return lines.error();
  JsonWriter json;
  json.begin_object().field("lines", *lines).end_object();
  co_return json.take();
}

struct ReceiveOptions : HandOptions {
  std::string asked;  ///< SSH_ORIGINAL_COMMAND in hex, where sudo has left the variable out.
};

int run_receive(const ReceiveOptions& options, const CommandContext& /*context*/) {
  const char* original = std::getenv("SSH_ORIGINAL_COMMAND");
  const auto asked = asked_command(original == nullptr ? "" : original, options.asked);
  const auto context = hand_context_of(options);
  if (::geteuid() == 0) return receive(context, asked);
  return become_root(context, asked);
}

void add_grant(const CommandLine& hand, CommandContext& context) {
  add_act<key>(hand, context, "key", "A key for this move alone; prints the public half");
  add_act<grant>(hand, context, "grant", "Let such a key in, for one purpose and a while");
  add_act<revoke>(hand, context, "revoke", "Do not let it in any more");
  const auto command = add_command<ReceiveOptions>(
      hand, context, {"receive", "What such a key runs, whatever it asks for", ""}, run_receive);
  add_hand_options(command.line, *command.options);
  command.line.add_option("--asked", command.options->asked, "What was asked for, in hex");
}

// --- the rest ---------------------------------------------------------------------------------

struct CleanOptions : HandOptions {
  bool keep_stub = false;
};

Task<Result<std::string>> clean(const HandContext* context, const CleanOptions* options) {
  const auto cleaned = co_await clean_move(context, options->keep_stub);
  if (!cleaned) co_return cleaned.error();
  co_return std::string{"{}"};
}

struct NoOptions {};

int run_version(const NoOptions& /*options*/, const CommandContext& /*context*/) {
  remove_older_hands();
  JsonWriter json;
  json.begin_object()
      .field("protocol", hand_protocol)
      .field("version", PLIMSOLL_VERSION)
      .field("root", ::geteuid() == 0)
      .end_object();
  return tell_hand_result(json.take());
}

}  // namespace

void add_hand_guard(const CommandLine& hand, CommandContext& context) {
  add_gate(hand, context);
  add_lease(hand, context);
  add_stub(hand, context);
  add_grant(hand, context);
  const auto cleaning = add_act_with<CleanOptions, clean>(
      hand, context, "clean", "Leave nothing of a move on this host but its epoch");
  cleaning.line.add_flag("--keep-stub", cleaning.options->keep_stub, "But its stub");
  add_command<NoOptions>(hand, context, {"version", "What this hand speaks", ""}, run_version);
}

}  // namespace plimsoll
