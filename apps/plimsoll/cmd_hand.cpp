// `plimsoll hand`: what the orchestrator runs on a host, over SSH. Not for people: every act prints
// one JSON document a line on standard output, of which the last is its result.
#include "commands.h"
#include "core/json_writer.h"
#include "hand_acts.h"

namespace plimsoll {
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
