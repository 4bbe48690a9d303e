// `plimsoll hand`: what the orchestrator runs on a host, over SSH. Not for people: every act prints
// one JSON document a line on standard output, of which the last is its result.
#include <fmt/format.h>

#include <cstdio>

#include "commands.h"
#include "core/json_writer.h"
#include "hand/fence.h"
#include "hand/hand_context.h"
#include "run.h"

namespace plimsoll {
namespace {

/// What every act is told; each act adds its own.
struct HandOptions {
  std::string move;
  std::uint64_t epoch = 0;
  std::string owner;
  bool take_over = false;
  std::string docker = "/var/run/docker.sock";
  std::string state = "/var/lib/plimsoll";
  std::string run = "/run/plimsoll";
};

void print_line(const std::string& json) {
  fmt::print("{}\n", json);
  std::fflush(stdout);
}

HandContext context_of(const HandOptions& options) {
  HandContext context;
  context.order = {MoveId{options.move}, options.epoch, options.owner, options.take_over};
  context.state = options.state;
  context.run = options.run;
  context.docker.unix_path = options.docker;
  context.progress = [](Bytes bytes) {
    JsonWriter json;
    json.begin_object().field("progress", count(bytes)).end_object();
    print_line(json.take());
  };
  return context;
}

/// {"ok": true, "result": …} or {"ok": false, "code": "refused", "error": "…"}.
int tell(const Result<std::string>& result) {
  JsonWriter json;
  json.begin_object().field("ok", result.has_value());
  if (result) {
    json.key("result").raw(*result);
  } else {
    json.field("code", to_string(result.error().code)).field("error", result.error().message);
  }
  json.end_object();
  print_line(json.take());
  return result ? exit_ok : exit_failed;
}

/// An act of the hand: its result as JSON.
using HandAct = Task<Result<std::string>> (*)(const HandContext* context,
                                              const HandOptions* options);

Task<int> admitted(HandAct act, const HandOptions* options) {
  const auto context = context_of(*options);
  Fence fence{context.state};
  const auto admitted = fence.admit(context.order);
  if (!admitted) co_return tell(admitted.error());
  const auto result = co_await act(&context, options);
  co_return tell(result);
}

Task<Result<std::string>> only_fence(const HandContext* context, const HandOptions* /*options*/) {
  JsonWriter json;
  json.begin_object().field("epoch", context->order.epoch).end_object();
  co_return json.take();
}

template <HandAct act>
int run_act(const HandOptions& options, const CommandContext& /*context*/) {
  asio::io_context io{1};
  return run_to_end(io, admitted(act, &options));
}

template <HandAct act>
CLI::App* add_act(CLI::App& hand, CommandContext& context, const char* name, const char* summary) {
  const auto command = add_command<HandOptions>(
      hand, context,
      {name, summary, fmt::format("  plimsoll hand {} --move ID --epoch N --owner ID …\n", name)},
      run_act<act>);
  auto& options = *command.options;
  command.app->add_option("--move", options.move, "The move's id")->required();
  command.app->add_option("--epoch", options.epoch, "The order's epoch")->required();
  command.app->add_option("--owner", options.owner, "The orchestrator's id")->required();
  command.app->add_flag("--take-over", options.take_over, "In place of the owner before");
  command.app->add_option("--docker", options.docker, "The engine's socket");
  command.app->add_option("--state", options.state, "Where the fence is kept");
  command.app->add_option("--run", options.run, "Where what ends with a move is kept");
  return command.app;
}

}  // namespace

void add_hand(CLI::App& app, CommandContext& context) {
  auto* hand = app.add_subcommand("hand", "What the orchestrator runs on a host, over SSH");
  hand->group("");  // not in the list that people read
  hand->require_subcommand(1);
  add_act<only_fence>(*hand, context, "fence", "Raise the epoch of a move on this host");
}

}  // namespace plimsoll
