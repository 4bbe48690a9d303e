#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decide/feasible.h"
#include "decide/ledger.h"
#include "decide/plan.h"
#include "decide/reason.h"
#include "decide/risk_book.h"

namespace plimsoll {

/// What was thought of the destinations of one container after the other, where CPU is judged by
/// its spread: a few of each, since words cost time. Lives no longer than ledger and book.
class Considered {
 public:
  Considered(const Ledger& ledger, const RiskBook& book) : ledger_(ledger), book_(book) {}

  /// From here on the destinations of this one.
  void begin(const Resident& resident);
  void note_offer(std::uint32_t to, const Offer& offer);
  void note_refusal(const Traveller& traveller, const Refusal& refusal, std::uint32_t to);
  void leave_out(std::size_t more) { left_out_ += more; }

  /// It found none: says in the plan who refused it.
  void reject(PlanBuilder& plan);
  /// The chosen one first, then feasible ones, then refused ones.
  [[nodiscard]] std::vector<Verdict> take(std::size_t chosen);
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  struct Thought {
    std::uint32_t to = 0;
    Verdict verdict;
  };
  [[nodiscard]] bool is_full();
  bool has_room_for_offer();

  const Ledger& ledger_;
  const RiskBook& book_;
  const Resident* resident_ = nullptr;
  std::vector<Thought> thoughts_;
  std::size_t left_out_ = 0;
  std::size_t rejected_ = 0;  ///< Of all containers.
};

}  // namespace plimsoll
