#include "decide/render.h"

#include <fmt/format.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "decide/reason.h"

namespace plimsoll {
namespace {

std::string subject(const Rejection& rejection) {
  if (rejection.container && rejection.host) {
    return fmt::format("{} on {}", rejection.container->str(), rejection.host->str());
  }
  if (rejection.container) return rejection.container->str();
  return rejection.host ? rejection.host->str() : "fleet";
}

/// What stands behind a move in brackets.
std::string notes(const Move& move) {
  std::string text;
  const auto add = [&](bool applies, const std::string& note) {
    if (applies) text += (text.empty() ? "   (" : "; ") + note;
  };
  const std::string step = fmt::format("step {}", move.order);
  add(move.order > 0,
      move.unit.empty() ? step : fmt::format("{}, together as '{}'", step, printable(move.unit)));
  add(move.ask, "waits for approval: plimsoll.move=ask");
  return text.empty() ? text : text + ")";
}

std::string move_text(const Move& move) {
  std::string text = fmt::format(
      "  {}: {} -> {}{}\n    why:    {}\n    takes:  {} to send, about {}; stopped for about {}\n",
      move.container.str(), move.from.str(), move.to.str(), notes(move), move.reason,
      format_bytes(count(move.predicted.bytes)), format_seconds(move.predicted.transfer_s),
      format_seconds(move.predicted.downtime_s));
  for (std::size_t i = 1; i < move.considered.size(); ++i) {
    const Verdict& verdict = move.considered[i];
    text +=
        fmt::format("    {} {}: {}\n", verdict.refused ? "not:   " : "or:    ", verdict.host.str(),
                    verdict.because);
  }
  if (move.considered_more > 0) text += fmt::format("    and {} more\n", move.considered_more);
  return text;
}

std::string headline(const Plan& plan) {
  if (!plan.moves.empty()) return counted(plan.moves.size(), "move") + ":\n";
  if (plan.rejected.empty()) return "Nothing to do: no host is over its line.\n";
  return "No moves.\n";
}

void write_prediction(JsonWriter& json, const Prediction& predicted) {
  json.begin_object()
      .field("bytes", count(predicted.bytes))
      .field("image_bytes", count(predicted.image_bytes))
      .field("transfer_s", predicted.transfer_s)
      .field("downtime_s", predicted.downtime_s)
      .field("bytes_per_s", predicted.bytes_per_s)
      .field("measured", predicted.measured)
      .end_object();
}

void write_considered(JsonWriter& json, const Move& move) {
  json.key("considered").begin_array();
  for (const Verdict& verdict : move.considered) {
    json.begin_object().field("host", verdict.host.str()).field("feasible", !verdict.refused);
    if (verdict.refused) json.field("rule", rule_name(*verdict.refused));
    json.field("detail", verdict.because).end_object();
  }
  json.end_array().field("considered_more", move.considered_more);
}

void write_move(JsonWriter& json, const Move& move) {
  json.begin_object()
      .field("container", move.container.str())
      .field("from", move.from.str())
      .field("to", move.to.str())
      .field("reason", move.reason)
      .field("ask", move.ask);
  if (!move.unit.empty()) json.field("unit", move.unit);
  if (move.order > 0) json.field("order", move.order);
  json.key("predicted");
  write_prediction(json, move.predicted);
  write_considered(json, move);
  json.end_object();
}

void write_rejection(JsonWriter& json, const Rejection& rejection) {
  json.begin_object();
  if (rejection.host) json.field("host", rejection.host->str());
  if (rejection.container) json.field("container", rejection.container->str());
  json.field("rule", rule_name(rejection.rule)).field("detail", rejection.detail).end_object();
}

}  // namespace

std::string render_text(const Plan& plan) {
  std::string text = headline(plan);
  for (const Move& move : plan.moves) text += move_text(move);
  if (plan.rejected.empty()) return text;
  text += "Not done:\n";
  for (const Rejection& rejection : plan.rejected) {
    text += fmt::format("  {} [{}]: {}\n", subject(rejection), rule_name(rejection.rule),
                        rejection.detail);
  }
  if (plan.rejected_more > 0) text += fmt::format("  and {} more\n", plan.rejected_more);
  return text;
}

std::string render_json(const Plan& plan) {
  JsonWriter json;
  json.begin_object().field("time", format_rfc3339(plan.made_at)).key("moves").begin_array();
  for (const Move& move : plan.moves) write_move(json, move);
  json.end_array().key("rejected").begin_array();
  for (const Rejection& rejection : plan.rejected) write_rejection(json, rejection);
  json.end_array().field("rejected_more", plan.rejected_more).end_object();
  return json.take();
}

}  // namespace plimsoll
