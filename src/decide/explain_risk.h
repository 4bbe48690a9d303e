#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "decide/ledger.h"
#include "decide/plan.h"
#include "decide/risk_book.h"

namespace plimsoll {

/// What explain() says of CPU where its spread decides; where lines do, of hosts over them. Lives
/// no longer than ledger and plan.
class RiskWords {
 public:
  RiskWords(const Ledger& ledger, const Plan& plan);

  /// Whether CPU is judged by its spread.
  [[nodiscard]] bool decide() const { return book_.has_value(); }
  /// Whether the host is to be relieved, as the plan found it.
  [[nodiscard]] bool is_in_need(std::size_t host) const;
  /// "no need: …", with the numbers.
  [[nodiscard]] std::string no_need(std::size_t host) const;
  /// What a host's containers may want together, what has risen, and what is foreseen.
  void add(std::vector<std::string>& lines, std::size_t host) const;
  /// "yes, from hosts at more risk …". Requires: decide().
  [[nodiscard]] std::string room(std::size_t host, const std::string& memory) const;
  /// "; that lowers the risk of both hosts together by 0.053, …", or nothing where that is not
  /// known.
  [[nodiscard]] std::string gain(const ContainerState& container, std::size_t from,
                                 const HostId& to) const;

 private:
  const Ledger& ledger_;
  const Plan& plan_;
  double price_;
  std::optional<RiskBook> book_;
};

}  // namespace plimsoll
