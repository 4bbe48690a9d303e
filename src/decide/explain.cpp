#include "decide/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "core/text.h"
#include "decide/decide.h"
#include "decide/explain_risk.h"
#include "decide/gate.h"
#include "decide/labels.h"
#include "decide/movable.h"
#include "decide/reason.h"
#include "decide/scalar.h"
#include "decide/unit.h"

namespace plimsoll {
namespace {

using Told = std::vector<std::string>;

constexpr std::size_t subjects_max = 8;
constexpr std::size_t hosts_told_max = 50;

/// What concerns one name must not be cut off by what concerns others.
Policy telling_all(Policy policy) {
  policy.explain_max = std::max<std::size_t>(policy.explain_max, 10'000);
  return policy;
}

/// A heading and what stands under it.
std::string section(const std::string& heading, const std::vector<std::string>& lines) {
  std::string text = heading + "\n";
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

std::string tagged(Rule rule, const std::string& detail) {
  return fmt::format("{} [{}]", detail, rule_name(rule));
}

class Explainer {
 public:
  Explainer(const FleetSnapshot& fleet, const Policy& policy, TimePoint now)
      : policy_(telling_all(policy)),
        ledger_(fleet, policy_, now),
        plan_(decide(fleet, policy_, now)),
        risks_(ledger_, plan_) {}

  Result<std::string> about(std::string_view name) {
    std::string text;
    if (const auto host = ledger_.find(HostId{std::string{name}})) text += about_host(*host);
    std::size_t told = 0;
    for (const std::size_t host : ledger_.by_name()) {
      for (const ContainerState& container : ledger_.book(host).state->containers) {
        if (container.name.str() != name || told == subjects_max) continue;
        text += (text.empty() ? "" : "\n") + about_container(container, host);
        ++told;
      }
    }
    if (text.empty()) return unknown(name);
    return text;
  }

 private:
  // --- a host ---

  std::string about_host(std::size_t host) {
    const std::string name = ledger_.book(host).state->name.str();
    return section(name + ", how it stands:", stand(host)) +
           section("Is it relieved?", relieved(host)) + section("May it receive?", receives(host));
  }

  Told stand(std::size_t host) const {
    const HostBook& book = ledger_.book(host);
    const HostAssessment& seen = book.seen;
    Told lines;
    if (seen.stale) lines.push_back(describe_silence(seen));
    if (!seen.level) return lines.empty() ? Told{"nothing is known of its load"} : lines;
    lines.push_back(fmt::format("at {}: {:.2f} of its line, the mean of {}",
                                describe_load(seen.used, policy_), *seen.level,
                                format_duration(policy_.window)));
    lines.push_back(fmt::format(
        "over its line in {} of the last {} evaluations; {} "
        "from {} on, down to {:.4g} of its line",
        seen.held, policy_.hold.n,
        risks_.decide() ? "of memory and storage, and of CPU where it stays there, it is relieved"
                        : "it is relieved",
        policy_.hold.k, policy_.target));
    risks_.add(lines, host);
    if (book.moves > 0) {
      lines.push_back(fmt::format("takes part in {} under way; with all landed: {}",
                                  counted(static_cast<std::size_t>(book.moves), "move"),
                                  describe_load(book.load, policy_)));
    }
    if (book.last_move) {
      lines.push_back(fmt::format("its last move ended {} ago; samples from before do not count",
                                  format_duration(Duration{ledger_.now() - *book.last_move})));
    }
    return lines;
  }

  Told relieved(std::size_t host) const {
    const HostBook& book = ledger_.book(host);
    Told lines;
    for (const Move& move : plan_.moves) {
      if (move.from != book.state->name) continue;
      lines.push_back(
          fmt::format("yes: {} goes to {}; {}", move.container.str(), move.to.str(), move.reason));
    }
    if (!lines.empty()) return lines;
    add_rejections(lines, [&](const Rejection& each) {
      return !each.host || (*each.host == book.state->name && !each.container);
    });
    if (!risks_.is_in_need(host) && !book.seen.stale) {
      lines.insert(lines.begin(), risks_.no_need(host));
      return lines;
    }
    if (lines.empty()) lines.emplace_back("no: nothing is planned for it");
    add_rejections(lines, [&](const Rejection& each) {
      return each.host == book.state->name && each.container;
    });
    return lines;
  }

  Told receives(std::size_t host) const {
    const HostBook& book = ledger_.book(host);
    Told lines = refusals(book);
    if (!lines.empty()) return lines;
    const Capacity& has = book.state->capacity;
    const double cores = room(book.crowd.cpu, policy_.line.cpu) * has.cpu_cores.value_or(0);
    const double memory =
        room(book.crowd.memory, policy_.line.memory) * as_double(has.memory.value_or(Bytes{}));
    const double level = level_of(judged(book.crowd), policy_).value_or(0);
    if (level >= policy_.target) {
      return {fmt::format("no: it is at {:.2f} of its line itself, and is filled to {:.4g}", level,
                          policy_.target)};
    }
    if (risks_.decide()) {
      lines.push_back(risks_.room(host, format_bytes(whole(memory))));
      return with_disk(std::move(lines), has);
    }
    lines.push_back(
        fmt::format("yes: {:.2f} cores and {} fit below {:.4g} % CPU and {:.4g} % "
                    "memory",
                    cores, format_bytes(whole(memory)), policy_.line.cpu * policy_.target,
                    policy_.line.memory * policy_.target));
    return with_disk(std::move(lines), has);
  }

  /// What lines decide: not CPU, where its spread does.
  [[nodiscard]] Utilisation judged(Utilisation used) const {
    if (risks_.decide()) used.cpu.reset();
    return used;
  }

  [[nodiscard]] Told with_disk(Told lines, const Capacity& has) const {
    lines.push_back(fmt::format(
        "its disk has {} for images and data",
        format_bytes(whole(as_double(has.storage_free.value_or(Bytes{})) / policy_.disk_factor))));
    return lines;
  }

  /// What refuses every container.
  Told refusals(const HostBook& book) const {
    Told lines;
    const auto add = [&](bool applies, Rule rule, const std::string& detail) {
      if (applies) lines.push_back("no: " + tagged(rule, detail));
    };
    const HostState& state = *book.state;
    if (book.seen.stale) return {"no: " + tagged(Rule::silent, "it is silent")};
    add(state.drained, Rule::drained, "it is drained");
    add(!state.detailed, Rule::not_read, "its Docker data was not read");
    add(book.moves >= policy_.moves_per_host, Rule::host_limit,
        fmt::format("it takes part in {} moves, {} may be at once", book.moves,
                    policy_.moves_per_host));
    const bool measured = book.crowd.cpu && book.crowd.memory;
    add(!measured, book.last_move ? Rule::host_cooldown : Rule::unmeasured,
        "its load is not known for long enough");
    add(!state.capacity.cpu_cores || !state.capacity.memory, Rule::unmeasured,
        "its cores or memory are not known");
    add((risks_.decide() || policy_.forecast) && rises_over_line(book, policy_), Rule::rising,
        "its CPU rises and is expected over its line");
    add(!state.capacity.storage_free, Rule::disk, "the free space at Docker's root is not known");
    return lines;
  }

  /// The share of the whole host that is free below the target.
  [[nodiscard]] double room(const std::optional<double>& used, double line) const {
    return std::max(0.0, line * policy_.target - used.value_or(100)) / 100;
  }

  static std::uint64_t whole(double bytes) {
    return static_cast<std::uint64_t>(std::llround(std::max(0.0, bytes)));
  }

  // --- a container ---

  std::string about_container(const ContainerState& container, std::size_t host) {
    const HostState& state = *ledger_.book(host).state;
    std::string text =
        section(fmt::format("{} on {}, what it is:", container.name.str(), state.name.str()),
                {fmt::format("{}, {}; image {}", printable(container.state), uses(container),
                             printable(container.image))});
    text += section("May it move?", may_move(container, host));
    if (container.state == "running") {
      text += section("What does each host say?", verdicts(container, host));
    }
    return text + section("Is it moved?", planned(container, host));
  }

  static std::string uses(const ContainerState& container) {
    if (!container.cpu_cores || !container.memory) return "its use is not known";
    return fmt::format("uses {:.2f} cores and {}", *container.cpu_cores,
                       format_bytes(count(*container.memory)));
  }

  Told may_move(const ContainerState& container, std::size_t host) const {
    const HostState& state = *ledger_.book(host).state;
    Told lines;
    for (const Obstacle& each : held_back(ledger_, container, host, Occasion::by_itself)) {
      lines.push_back("no: " + tagged(each.rule, each.detail));
    }
    if (const auto quiet = quiet_now(ledger_)) {
      lines.push_back("not now: " + tagged(quiet->rule, quiet->detail));
    }
    if (lines.empty()) lines.emplace_back("yes");
    if (const auto bound = bound_to_others(container, state)) {
      lines.push_back("not alone: " + tagged(bound->rule, bound->detail));
      add_others(lines, container, host);
    }
    if (move_label(container) == MoveLabel::ask) {
      lines.emplace_back("its owner says plimsoll.move=ask: a person approves each move");
    }
    return lines;
  }

  void add_others(Told& lines, const ContainerState& container, std::size_t host) const {
    for (const ContainerState* member : unit_of(container, host).members) {
      if (member->name == container.name) continue;
      for (const Obstacle& each : held_back(ledger_, *member, host, Occasion::by_itself)) {
        lines.push_back(
            fmt::format("no: {}: {}", member->name.str(), tagged(each.rule, each.detail)));
      }
    }
  }

  [[nodiscard]] Unit unit_of(const ContainerState& container, std::size_t host) const {
    for (Unit& unit : units_of(*ledger_.book(host).state)) {
      if (std::find(unit.members.begin(), unit.members.end(), &container) != unit.members.end()) {
        return std::move(unit);
      }
    }
    return Unit{{}, {&container}};
  }

  Told verdicts(const ContainerState& container, std::size_t host) {
    const Company company{ledger_, unit_of(container, host), host};
    Strictness strictness;
    strictness.cpu_by_spread = risks_.decide();
    const auto placement = place_company(ledger_, company, strictness, Preference::quickest);
    Told lines;
    if (company.travellers().size() > 1) {
      lines.push_back(fmt::format("to all of {}, {}:", describe_unit(company.unit()),
                                  describe_demand(company.demand())));
    }
    if (placement.considered.empty()) lines.emplace_back("there is no other host");
    for (const Verdict& verdict : placement.considered) {
      if (lines.size() == hosts_told_max) break;
      lines.push_back(verdict.refused
                          ? fmt::format("{}: no: {}", verdict.host.str(),
                                        tagged(*verdict.refused, verdict.because))
                          : fmt::format("{}: yes: {}{}", verdict.host.str(), verdict.because,
                                        risks_.gain(container, host, verdict.host)));
    }
    const std::size_t all = placement.considered.size() + placement.considered_more;
    if (all > hosts_told_max) lines.push_back(fmt::format("and {} more", all - hosts_told_max));
    return lines;
  }

  Told planned(const ContainerState& container, std::size_t host) const {
    const HostBook& book = ledger_.book(host);
    Told lines;
    for (const Move& move : plan_.moves) {
      if (move.container != container.name || move.from != book.state->name) continue;
      return {fmt::format("yes, to {}; {}", move.to.str(), move.reason)};
    }
    for (const Rejection& each : plan_.rejected) {
      if (each.host == book.state->name && each.container == container.name) {
        lines.push_back("no: " + tagged(each.rule, each.detail));
      }
    }
    if (!lines.empty()) return lines;
    if (book.seen.stale) return {"no: " + tagged(Rule::silent, describe_silence(book.seen))};
    if (risks_.decide() && !risks_.is_in_need(host)) return {risks_.no_need(host)};
    if (!risks_.decide() && !book.seen.over_line) {
      return {fmt::format("no need: {} is not over its line, at {}", book.state->name.str(),
                          describe_load(book.seen.used, policy_))};
    }
    add_rejections(lines, [&](const Rejection& each) {
      return !each.host || (*each.host == book.state->name && !each.container);
    });
    if (lines.empty()) lines.emplace_back("no: others that leave suffice");
    return lines;
  }

  // --- both ---

  template <class Wanted>
  void add_rejections(Told& lines, const Wanted& wanted) const {
    for (const Rejection& each : plan_.rejected) {
      if (!wanted(each)) continue;
      const std::string who = each.host && each.container ? each.container->str() + ": " : "";
      lines.push_back("no: " + who + tagged(each.rule, each.detail));
    }
  }

  Error unknown(std::string_view name) const {
    constexpr std::size_t named = 8;
    std::string hosts;
    const auto& all = ledger_.by_name();
    for (std::size_t i = 0; i < std::min(named, all.size()); ++i) {
      hosts += (i == 0 ? "" : ", ") + ledger_.book(all[i]).state->name.str();
    }
    if (all.size() > named) hosts += fmt::format(" and {} more", all.size() - named);
    return {Errc::not_found,
            fmt::format("neither a host nor a container is called '{}'; the hosts are {}",
                        printable(name), hosts.empty() ? "none" : hosts)};
  }

  const Policy policy_;
  Ledger ledger_;
  Plan plan_;
  RiskWords risks_;
};

}  // namespace

Result<std::string> explain(const FleetSnapshot& fleet, const Policy& policy, TimePoint now,
                            std::string_view name) {
  return Explainer{fleet, policy, now}.about(name);
}

}  // namespace plimsoll
