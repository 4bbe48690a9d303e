// Conversations of `plimsoll decide`: lines as other programs write them.
#include <boost/json.hpp>
#include <set>
#include <string>

#include "fuzz.h"
#include "simulate/decide_protocol.h"

namespace plimsoll::fuzz {
namespace {

constexpr std::size_t lines_max = 200;

std::string text_at(const boost::json::value& object, const char* member) {
  const auto* text = object.as_object().if_contains(member);
  require(text != nullptr && text->is_string(), "an answer lacks a member");
  return std::string{text->get_string()};
}

void check_moves(const boost::json::object& answer) {
  const auto* moves = answer.if_contains("moves");
  require(moves != nullptr && moves->is_array(), "a step's answer has no moves");
  std::set<std::string> moved;
  for (const auto& move : moves->get_array()) {
    require(text_at(move, "from") != text_at(move, "to"), "a move that leads nowhere");
    require(moved.insert(text_at(move, "container")).second, "a container moves twice at once");
    require(!text_at(move, "reason").empty(), "a move without a reason");
  }
  const auto* error = answer.if_contains("error");
  if (error == nullptr) return;
  require(moves->get_array().empty(), "a step that was refused moves something");
  require_fit_to_print(error->as_string());
}

void check(std::string_view text) {
  DecideConversation talk;
  bool begun = false;
  std::size_t lines = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (++lines > lines_max) return;
    const std::string answer = talk.answer(line);
    require(answer.find('\n') == std::string::npos, "an answer is more than a line");
    const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
    if (blank || (!begun && !talk.failure())) {
      require(answer.empty(), "an answer to nothing");
      begun = begun || !blank;
      continue;
    }
    require(!answer.empty(), "a line without an answer");
    const auto value = boost::json::parse(answer);
    if (!talk.failure()) {
      check_moves(value.as_object());
      continue;
    }
    require_place(*talk.failure(), "line ");
    require(value.as_object().contains("error"), "a failure that is not told");
    require(talk.answer("{}").empty(), "it goes on after a failure");
    return;
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
