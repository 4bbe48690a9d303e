#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "decide/feasible.h"
#include "decide/fleet.h"
#include "decide/ledger.h"
#include "decide/plan.h"

namespace plimsoll {

/// Containers of one host that move together: the running ones of a group (group_of), or one alone.
struct Unit {
  std::string name;                            ///< The group's; empty for one alone.
  std::vector<const ContainerState*> members;  ///< In the order they start in; at least one.
};

/// What runs on a host, in units, those of one first, each kind by name. Within a unit what a
/// container needs (needs_of) stands before it, as far as that goes without a circle; otherwise by
/// name.
[[nodiscard]] std::vector<Unit> units_of(const HostState& host);

/// "'shop' (db, web)", or the name of the one.
[[nodiscard]] std::string describe_unit(const Unit& unit);

/// A unit looking for a host. What its containers share, layers and images, is counted once.
/// Lives no longer than the unit.
class Company {
 public:
  Company(const Ledger& ledger, const Unit& unit, std::size_t from);
  Company(Company&&) = default;
  Company& operator=(Company&&) = default;
  Company(const Company&) = delete;
  Company& operator=(const Company&) = delete;
  ~Company() = default;
  [[nodiscard]] const Unit& unit() const { return unit_; }
  [[nodiscard]] std::size_t from() const { return from_; }
  [[nodiscard]] const std::vector<Traveller>& travellers() const { return travellers_; }
  /// All together.
  [[nodiscard]] const Demand& demand() const { return demand_; }

 private:
  Unit unit_;
  std::size_t from_;
  std::vector<ContainerState> lean_;  ///< Without what an earlier one brings.
  std::vector<Traveller> travellers_;
  Demand demand_;
};

/// Why a host may not take a company: the first member that it refuses.
struct CompanyRefusal {
  std::size_t member = 0;
  Refusal refusal;
};
/// A host that may take all of it: a prediction for each member.
using CompanyOffer = std::vector<Offer>;

/// Whether host `to` may take all members, each with those before it landed. The ledger is as
/// before afterwards.
[[nodiscard]] std::variant<CompanyOffer, CompanyRefusal> judge_company(Ledger& ledger,
                                                                       const Company& company,
                                                                       std::size_t to,
                                                                       Strictness strictness);

/// All of it: bytes and transfer one after the other, and the stop of each added up.
[[nodiscard]] Prediction total_of(const CompanyOffer& offer);

/// Where a company may go.
struct CompanyPlacement {
  std::optional<std::size_t> to;  ///< Absent: no host may take it.
  CompanyOffer offer;
  std::size_t feasible = 0;
  std::vector<Verdict> considered;  ///< The chosen one, other feasible ones, then the refused ones.
  std::size_t considered_more = 0;  ///< Left out of `considered`.
};

/// Which of the hosts that may take a company.
enum class Preference {
  quickest,  ///< Least transmission time, and of about equal ones the least loaded.
  fullest,   ///< The most loaded: keeps large gaps for what is large.
};
[[nodiscard]] CompanyPlacement place_company(Ledger& ledger, const Company& company,
                                             Strictness strictness, Preference preference);

/// Enters the moves into the ledger, as one move under way, and gives them, with `reason`.
[[nodiscard]] std::vector<Move> carry_out(Ledger& ledger, const Company& company,
                                          const CompanyPlacement& placement,
                                          const std::string& reason);

}  // namespace plimsoll
