#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "simulate/scenario_outcome.h"

namespace plimsoll {
namespace {

bool within(const TimeFrame& frame, Duration time) {
  return time >= frame.after && time <= frame.by;
}

bool within(const CountRange& range, std::size_t count) {
  return count >= range.least && count <= range.most;
}

std::string listed(const std::vector<std::string>& texts, const char* between = ", ") {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

bool has_words(const std::string& text, const std::vector<std::string>& words) {
  return std::all_of(words.begin(), words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

std::string counted_text(const CountRange& range, const char* thing) {
  const char* plural = range.most == 1 ? "" : "s";
  if (range.least == range.most) return fmt::format("{} {}{}", range.least, thing, plural);
  if (range.most == CountRange{}.most) return fmt::format("at least {} {}", range.least, thing);
  return fmt::format("{} to {} {}s", range.least, range.most, thing);
}

std::string frame_text(const TimeFrame& frame) {
  std::string text;
  if (frame.after > Duration{0}) text += " after " + format_duration(frame.after);
  if (frame.by != Duration::max()) text += " by " + format_duration(frame.by);
  return text;
}

std::string if_any(const char* before, const NamePatterns& names) {
  return names.empty() ? "" : before + listed(names, " or ");
}

std::string wanted_text(const ExpectedMoves& wanted) {
  std::string text = counted_text(wanted.count, "move") + if_any(" of ", wanted.containers) +
                     if_any(" from ", wanted.from) + if_any(" to ", wanted.to) +
                     if_any(" to none of ", wanted.not_to) + frame_text(wanted.when);
  if (!wanted.reason.empty()) text += " because of \"" + listed(wanted.reason, "\", \"") + '"';
  if (wanted.asked) text += *wanted.asked ? ", waiting for approval" : ", without asking";
  return text;
}

std::string move_words(const ScenarioMove& move) {
  return fmt::format("{} from {} to {} at {}{}{}", move.container.str(), move.from.str(),
                     move.to.str(), format_duration(move.began),
                     move.ended && !move.succeeded ? ", which failed" : "",
                     move.asked ? ", which waits for approval" : "");
}

std::string moves_words(const std::vector<const ScenarioMove*>& moves) {
  constexpr std::size_t most = 8;
  if (moves.empty()) return "no move";
  std::string text = fmt::format("{} move{}: ", moves.size(), moves.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < std::min(most, moves.size()); ++i) {
    text += (i == 0 ? "" : "; ") + move_words(*moves[i]);
  }
  return moves.size() > most ? fmt::format("{}; {} more", text, moves.size() - most) : text;
}

bool matches(const ExpectedMoves& wanted, const ScenarioMove& move) {
  const std::string& to = move.to.str();
  return name_matches(wanted.containers, move.container.str()) &&
         name_matches(wanted.from, move.from.str()) && name_matches(wanted.to, to) &&
         (wanted.not_to.empty() || !name_matches(wanted.not_to, to)) &&
         within(wanted.when, move.began) && has_words(move.reason, wanted.reason) &&
         (!wanted.asked || *wanted.asked == move.asked);
}

class Verdicts {
 public:
  Verdicts(const Expectations& expect, const ScenarioOutcome& outcome)
      : expect_(expect), outcome_(outcome) {}

  std::vector<ScenarioFailure> take() {
    judge_whole();
    for (const ExpectedMoves& wanted : expect_.each_move) judge(wanted);
    for (const ExpectedLevel& wanted : expect_.levels) judge(wanted);
    for (const ExpectedPlace& wanted : expect_.places) judge(wanted);
    for (const NamePatterns& names : expect_.together) judge_together(names);
    return std::move(failures_);
  }

 private:
  void want(bool met, std::size_t line, std::string wanted, std::string happened) {
    if (!met) failures_.push_back({line, std::move(wanted), std::move(happened)});
  }

  template <class Test>
  [[nodiscard]] std::vector<const ScenarioMove*> moves_that(const Test& test) const {
    std::vector<const ScenarioMove*> found;
    for (const ScenarioMove& move : outcome_.moves) {
      if (test(move)) found.push_back(&move);
    }
    return found;
  }

  void judge_whole() {
    const auto all = moves_that([](const ScenarioMove&) { return true; });
    if (expect_.moves) {
      want(within(*expect_.moves, all.size()), expect_.moves_line,
           counted_text(*expect_.moves, "move") + " in all", moves_words(all));
    }
    if (!expect_.never_move.empty()) {
      const auto moved = moves_that([&](const ScenarioMove& move) {
        return name_matches(expect_.never_move, move.container.str());
      });
      want(moved.empty(), expect_.never_move_line,
           listed(expect_.never_move) + " never to be moved", moves_words(moved));
    }
    if (expect_.calm_after) {
      const auto late =
          moves_that([&](const ScenarioMove& move) { return move.began > *expect_.calm_after; });
      want(late.empty(), expect_.calm_after_line,
           "no move after " + format_duration(*expect_.calm_after), moves_words(late));
    }
    if (expect_.moves_of_one) judge_each(*expect_.moves_of_one);
  }

  void judge_each(const CountRange& range) {
    std::map<ContainerName, std::size_t> counts;
    for (const ScenarioMove& move : outcome_.moves) ++counts[move.container];
    for (const auto& [name, count] : counts) {
      want(within(range, count), expect_.moves_of_one_line,
           counted_text(range, "move") + " of any one container",
           fmt::format("{} of {}", count, name.str()));
    }
  }

  void judge(const ExpectedMoves& wanted) {
    const auto found = moves_that([&](const ScenarioMove& move) { return matches(wanted, move); });
    if (within(wanted.count, found.size())) return;
    const auto all = moves_that([](const ScenarioMove&) { return true; });
    const bool words = found.empty() && !wanted.reason.empty() && !all.empty();
    want(false, wanted.line, wanted_text(wanted),
         fmt::format("{} of them; in all {}{}", found.size(), moves_words(all),
                     words ? "; the first because: " + all.front()->reason : ""));
  }

  /// The first sample from `from` on that lies on the wrong side of the line.
  static const ScenarioLevel* wrong_side(const ScenarioHostLog& host, Duration from, bool below) {
    for (const ScenarioLevel& each : host.levels) {
      if (each.time < from || !each.level) continue;
      if (below ? *each.level > 1 : *each.level <= 1) return &each;
    }
    return nullptr;
  }

  void judge(const ExpectedLevel& wanted) {
    for (const ScenarioHostLog& host : outcome_.hosts) {
      if (!name_matches(wanted.hosts, host.name)) continue;
      if (wanted.below_from) judge_side(wanted.line, host, *wanted.below_from, true);
      if (wanted.above_from) judge_side(wanted.line, host, *wanted.above_from, false);
    }
  }

  void judge_side(std::size_t line, const ScenarioHostLog& host, Duration from, bool below) {
    const ScenarioLevel* wrong = wrong_side(host, from, below);
    if (!wrong) return;
    want(false, line,
         fmt::format("{} {} its line from {} on", host.name, below ? "below" : "above",
                     format_duration(from)),
         fmt::format("at {} it was at {:.2f} of it", format_duration(wrong->time),
                     wrong->level.value_or(0)));
  }

  [[nodiscard]] std::vector<std::string> places_of(const std::string& container) const {
    std::vector<std::string> places;
    for (const ScenarioHostLog& host : outcome_.hosts) {
      for (const std::string& name : host.at_end) {
        if (name_matches({container}, name)) places.push_back(host.name);
      }
    }
    return places;
  }

  void judge(const ExpectedPlace& wanted) {
    for (const std::string& place : places_of(wanted.container)) {
      want(name_matches(wanted.hosts, place), wanted.line,
           fmt::format("{} on {} at the end", wanted.container, listed(wanted.hosts, " or ")),
           "it is on " + place);
    }
  }

  void judge_together(const NamePatterns& names) {
    std::vector<std::string> places;
    for (const std::string& name : names) {
      for (std::string& place : places_of(name)) places.push_back(std::move(place));
    }
    const bool one = std::all_of(places.begin(), places.end(),
                                 [&](const std::string& place) { return place == places.front(); });
    want(one, expect_.together_line, listed(names) + " on one host at the end",
         "they are on " + listed(places));
  }

  const Expectations& expect_;
  const ScenarioOutcome& outcome_;
  std::vector<ScenarioFailure> failures_;
};

std::string wanted_text(const ExpectedRejection& wanted) {
  return fmt::format("rule {}{}{}{}{} for {}", wanted.rule,
                     if_any(" for container ", wanted.containers),
                     if_any(" on or to host ", wanted.hosts), frame_text(wanted.when),
                     wanted.detail.empty() ? "" : " saying \"" + listed(wanted.detail) + '"',
                     counted_text(wanted.count, "subject"));
}

}  // namespace

ScenarioJudge::ScenarioJudge(const Scenario& scenario)
    : expect_(scenario.expect), heard_(scenario.expect.rejections.size()) {}

void ScenarioJudge::note(const Plan& plan, Duration time) {
  for (const Rejection& rejection : plan.rejected) {
    hear(rejection.host, rejection.container, rejection.rule, rejection.detail, time);
  }
  for (const Move& move : plan.moves) {
    for (const Verdict& verdict : move.considered) {
      if (verdict.refused) {
        hear(verdict.host, move.container, *verdict.refused, verdict.because, time);
      }
    }
  }
}

void ScenarioJudge::hear(const std::optional<HostId>& host,
                         const std::optional<ContainerName>& container, Rule rule,
                         const std::string& detail, Duration time) {
  const std::string where = host ? host->str() : "";
  const std::string what = container ? container->str() : "";
  for (std::size_t i = 0; i < heard_.size(); ++i) {
    const ExpectedRejection& wanted = expect_.rejections[i];
    const bool meant = wanted.rule == rule_name(rule) && within(wanted.when, time) &&
                       name_matches(wanted.hosts, where) &&
                       (wanted.of_container ? name_matches(wanted.containers, what) : true);
    if (!meant) continue;
    Heard& heard = heard_[i];
    if (heard.detail.empty()) heard.detail = detail;
    heard.words = heard.words || has_words(detail, wanted.detail);
    const std::string subject = fmt::format("{}@{}", what, where);
    const auto known = std::find(heard.subjects.begin(), heard.subjects.end(), subject);
    if (known == heard.subjects.end()) heard.subjects.push_back(subject);
  }
}

std::vector<ScenarioFailure> ScenarioJudge::failures(const ScenarioOutcome& outcome) const {
  auto failures = Verdicts{expect_, outcome}.take();
  for (std::size_t i = 0; i < heard_.size(); ++i) {
    const ExpectedRejection& wanted = expect_.rejections[i];
    const Heard& heard = heard_[i];
    const bool told = within(wanted.count, heard.subjects.size());
    if (told && (heard.words || heard.subjects.empty())) continue;
    failures.push_back(
        {wanted.line, wanted_text(wanted),
         told ? fmt::format("it said \"{}\"", heard.detail)
              : fmt::format("it was told of {}{}", heard.subjects.size(),
                            heard.subjects.empty() ? "" : ": " + listed(heard.subjects))});
  }
  std::stable_sort(failures.begin(), failures.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  return failures;
}

}  // namespace plimsoll
