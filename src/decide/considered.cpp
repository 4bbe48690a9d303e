#include "decide/considered.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/text.h"
#include "decide/reason.h"

namespace plimsoll {
namespace {

/// Destinations of which a move tells what was thought. Ours.
constexpr std::size_t most = 6;

}  // namespace

void Considered::begin(const Resident& resident) {
  resident_ = &resident;
  thoughts_.clear();
  left_out_ = 0;
}

bool Considered::is_full() {
  if (thoughts_.size() < std::min(ledger_.policy().explain_max, most)) return false;
  ++left_out_;
  return true;
}

/// An offer may be the one that is chosen: a refusal makes room for it.
bool Considered::has_room_for_offer() {
  if (!is_full()) return true;
  const auto refused = std::find_if(thoughts_.rbegin(), thoughts_.rend(), [](const Thought& each) {
    return each.verdict.refused.has_value();
  });
  if (refused == thoughts_.rend()) return false;
  thoughts_.erase(std::next(refused).base());
  return true;
}

void Considered::note_offer(std::uint32_t to, const Offer& offer) {
  if (!has_room_for_offer()) return;
  const Prediction& predicted = offer.predicted;
  Verdict verdict{.host = ledger_.book(to).state->name,
                  .refused = std::nullopt,
                  .because = {},
                  .predicted = predicted,
                  .level_after = book_.level_with(to, resident_->outlook)};
  verdict.because =
      fmt::format("{}: {}; then at {:.2f} of its line, {} to want more than it has",
                  describe_sending(predicted), format_seconds(predicted.transfer_s),
                  verdict.level_after, describe_chance(book_.chance_with(to, resident_->outlook)));
  thoughts_.push_back({to, std::move(verdict)});
}

void Considered::note_refusal(const Traveller& traveller, const Refusal& refusal,
                              std::uint32_t to) {
  if (is_full()) return;
  Verdict verdict{.host = ledger_.book(to).state->name,
                  .refused = refusal.rule,
                  .because = describe(refusal, ledger_, traveller, to),
                  .predicted = {},
                  .level_after = 0};
  thoughts_.push_back({to, std::move(verdict)});
}

void Considered::reject(PlanBuilder& plan) {
  for (const Thought& each : thoughts_) {
    if (!each.verdict.refused || rejected_ >= ledger_.policy().explain_max) continue;
    ++rejected_;
    plan.reject_container(each.to, *resident_->container, *each.verdict.refused,
                          each.verdict.because);
  }
}

std::vector<Verdict> Considered::take(std::size_t chosen) {
  const auto place = [&](const Thought& each) {
    if (each.to == chosen) return 0;
    return each.verdict.refused ? 2 : 1;
  };
  std::stable_sort(thoughts_.begin(), thoughts_.end(),
                   [&](const Thought& a, const Thought& b) { return place(a) < place(b); });
  std::vector<Verdict> verdicts;
  verdicts.reserve(thoughts_.size());
  for (Thought& each : thoughts_) verdicts.push_back(std::move(each.verdict));
  return verdicts;
}

}  // namespace plimsoll
