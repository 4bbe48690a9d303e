#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "simulate/decide_protocol.h"

namespace plimsoll::test {

inline constexpr const char* nothing = R"({"moves":[]})";
inline constexpr const char* small_fleet =
    R"({"hosts":[{"name":"h1","cpu":10},{"name":"h2","cpu":10}],)"
    R"("containers":[{"name":"a","host":"h1"},{"name":"b","host":"h1"}]})";

/// "a: h1 > h2" for each move of an answer.
inline std::vector<std::string> moves_of(const std::string& answer) {
  std::vector<std::string> moves;
  const json::value parsed = json::parse(answer);
  for (const json::value& move : parsed.at("moves").as_array()) {
    moves.push_back(fmt::format("{}: {} > {}", move.at("container").as_string().c_str(),
                                move.at("from").as_string().c_str(),
                                move.at("to").as_string().c_str()));
  }
  return moves;
}

inline std::string error_of(const std::string& answer) {
  const json::value parsed = json::parse(answer);
  const json::value* error = parsed.as_object().if_contains("error");
  return error == nullptr ? std::string{} : std::string{error->as_string()};
}

/// A conversation of steps a given time apart.
class Talk {
 public:
  explicit Talk(std::string_view first_line = small_fleet, double apart = 300) : apart_(apart) {
    EXPECT_EQ(conversation.answer(first_line), "");
    EXPECT_FALSE(conversation.failure());
  }
  /// A step with these containers' use, and other members after it.
  std::string step(const std::string& containers, const std::string& more = {}) {
    time_ += apart_;
    return conversation.answer(
        fmt::format(R"({{"time":{},"containers":{{{}}}{}}})", time_, containers, more));
  }
  std::string until_moved(const std::string& containers) {
    std::string answer;
    for (int i = 0; i < 20; ++i) {
      answer = step(containers);
      if (answer != nothing) break;
    }
    return answer;
  }

  DecideConversation conversation;

 private:
  double apart_;
  double time_ = 0;
};

inline constexpr const char* overload = R"("a":{"cpu":6},"b":{"cpu":3.5})";

}  // namespace plimsoll::test
