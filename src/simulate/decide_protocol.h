#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "simulate/line_change.h"
#include "simulate/line_fields.h"
#include "simulate/session.h"

namespace plimsoll {

/// The conversation of `plimsoll decide`: a line in, a line out (docs/formats/decide.md). The first
/// line describes fleet and policy and has no answer; each line after it is a step and has exactly
/// one.
class DecideConversation {
 public:
  /// Longer lines are to be refused by refuse_long_line(), unread.
  static constexpr std::size_t line_bytes_max = std::size_t{64} << 20;

  DecideConversation();

  /// What is to be written for the next line: one line of JSON without its end. Empty for a first
  /// line that is well, and for blank lines, which count as lines only.
  [[nodiscard]] std::string answer(std::string_view line);
  /// The same for a line that is too long to be read.
  [[nodiscard]] std::string refuse_long_line();

  /// What is wrong with the first line, a line for each problem; then nothing follows.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  struct NamedUse {
    std::string_view name;
    std::size_t position = 0;
    ContainerUse use;
  };
  struct NamedHostUse {
    std::string_view name;
    std::size_t position = 0;
    HostUse use;
  };
  struct StepLine {
    FleetChange change;
    TimePoint time;
    std::vector<NamedUse> containers;
    std::vector<NamedHostUse> hosts;
  };

  [[nodiscard]] std::string answer_first(std::string_view line);
  [[nodiscard]] std::string answer_step(std::string_view line);
  [[nodiscard]] std::string refuse(const LineProblems& problems);
  void begin(const json::object& line, LineProblems& problems);
  [[nodiscard]] StepLine read_step(const LineFields& line) const;
  [[nodiscard]] TimePoint read_time(const LineFields& line) const;
  static void read_containers(const LineFields& line, const NamesAfter& names, StepLine& step);
  static void read_hosts(const LineFields& line, const NamesAfter& names, StepLine& step);
  void collect(const StepLine& step);
  [[nodiscard]] std::string moves_line();

  std::size_t line_number_ = 0;
  std::vector<unsigned char> buffer_;  // for the parser, kept from line to line
  std::optional<DecideSession> session_;
  FleetUse use_;
  std::optional<Error> failure_;
};

}  // namespace plimsoll
