// `plimsoll hand`: what the orchestrator runs on a host, over SSH. Not for people: every act prints
// one JSON document a line on standard output, of which the last is its result.
#include <cstdio>

#include "commands.h"
#include "hand_acts.h"

namespace plimsoll {

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

void add_order_options(CLI::App& app, HandOptions& options) {
  app.add_option("--move", options.move, "The move's id")->required();
  app.add_option("--epoch", options.epoch, "The order's epoch")->required();
  app.add_option("--owner", options.owner, "The orchestrator's id")->required();
  app.add_flag("--take-over", options.take_over, "In place of the owner before");
  app.add_option("--docker", options.docker, "The engine's socket");
  app.add_option("--state", options.state, "Where the fence is kept");
  app.add_option("--run", options.run, "Where what ends with a move is kept");
}

namespace {

Task<Result<std::string>> only_fence(const HandContext* context, const HandOptions* /*options*/) {
  JsonWriter json;
  json.begin_object().field("epoch", context->order.epoch).end_object();
  co_return json.take();
}

}  // namespace

void add_hand(CLI::App& app, CommandContext& context) {
  auto* hand = app.add_subcommand("hand", "What the orchestrator runs on a host, over SSH");
  hand->group("");  // not in the list that people read
  hand->require_subcommand(1);
  add_act<only_fence>(*hand, context, "fence", "Raise the epoch of a move on this host");
  add_hand_guard(*hand, context);
}

}  // namespace plimsoll
