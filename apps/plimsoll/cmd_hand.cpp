// `plimsoll hand`: what the orchestrator runs on a host, over SSH. Not for people: every act prints
// one JSON document a line on standard output, of which the last is its result.
#include "commands.h"
#include "core/json_writer.h"
#include "hand/trust.h"
#include "hand_acts.h"

namespace plimsoll {
namespace {

Task<Result<std::string>> only_fence(const HandContext* context, const HandOptions* /*options*/) {
  JsonWriter json;
  json.begin_object().field("epoch", context->order.epoch).end_object();
  co_return json.take();
}

Task<Result<std::string>> trust(const HandContext* context, const HandOptions* /*options*/) {
  const auto request = hand_request();
  if (!request) co_return request.error();
  const auto spec = parse_trust_spec(*request);
  if (!spec) co_return spec.error();
  const auto kept = keep_trust(*context, *spec);
  if (!kept) co_return kept.error();
  co_return "{}";
}

}  // namespace

void add_hand(const CommandLine& app, CommandContext& context) {
  const auto hand = app.add_hidden_group("hand", "What the orchestrator runs on a host, over SSH");
  add_act<only_fence>(hand, context, "fence", "Raise the epoch of a move on this host");
  add_act<trust>(hand, context, "trust", "By which keys the destination is known here");
  add_hand_guard(hand, context);
  add_hand_image(hand, context);
  add_hand_tree(hand, context);
}

}  // namespace plimsoll
