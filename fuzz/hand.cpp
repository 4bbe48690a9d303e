// What another host asks of `hand receive`, the authorized_keys of an account, and what goes
// through a gate for looking: what is let through is harmless, and nobody else's line changes.
#include <algorithm>

#include "fuzz.h"
#include "hand/authorized_keys.h"
#include "hand/gate_request.h"
#include "hand/received_command.h"

namespace plimsoll::fuzz {
namespace {

const std::vector<std::string> granted{"/var/lib/docker/overlay2/a/diff", "/srv/data/"};
const MoveId move_id{"abcdefabcdef"};

void check_received(std::string_view text) {
  const auto command = parse_received_command(text, granted);
  if (!command) {
    require(command.error().code == Errc::refused, "another error than refused");
    require_fit_to_print(command.error().message);
    return;
  }
  if (command->kind != ReceivedCommand::Kind::rsync) {
    require(text == "plimsoll-ping" || text == "plimsoll-image", "a word nobody knows");
    return;
  }
  const auto& words = command->words;
  require(words.size() >= 3 && words.front() == "--server", "not rsync's server side");
  require(words[words.size() - 2] == "." && words.back() == command->folder + "/", "another place");
  require(command->folder == "/var/lib/docker/overlay2/a/diff" || command->folder == "/srv/data",
          "a folder that was not granted");
  for (std::size_t i = 1; i + 2 < words.size(); ++i) {
    const std::string_view word{words[i]};
    require(word.starts_with('-') && word.find('/') == word.npos, "a flag that names a place");
    require(word != "--sender" && word != "--daemon", "rsync's other sides");
    const auto own = word.substr(0, word.find("e."));
    require(word.starts_with("--") || own.find_first_of("sKRb") == own.npos,
            "a flag that leads out");
  }
}

void check_keys(std::string_view text) {
  KeyGrant grant{move_id,
                 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEmbyRrm0PwTKnKeYK3rIbQf6ktdIo9PdVvKn2cc0pH4",
                 {"10.0.0.1"},
                 "/x hand receive --move abcdefabcdef --epoch 1",
                 TimePoint{}};
  const auto line = authorized_line(grant).value();
  const auto with = with_line_of(text, move_id, line);
  const auto without = with_line_of(with, move_id, "");
  require(with.ends_with(line + "\n"), "the line is not in it");
  require(with_line_of(without, move_id, "") == without, "removing twice is not removing once");
  require(with_line_of(with, move_id, line) == with, "granting twice is not granting once");
  std::vector<std::string_view> theirs, left;
  for (const auto one : split(text, '\n')) {
    if (!is_line_of(one, move_id) && !one.empty()) theirs.push_back(one);
  }
  for (const auto one : split(without, '\n')) {
    if (!one.empty()) left.push_back(one);
  }
  require(theirs == left, "another's line has changed");
}

void check_line(std::string_view text) {
  KeyGrant grant{move_id, std::string{text}, {std::string{text}}, std::string{text}, TimePoint{}};
  const auto fields = split(text, '\0');
  if (fields.size() >= 3) {
    grant.public_key = fields[0];
    grant.from = {std::string{fields[1]}};
    grant.command = fields[2];
  }
  const auto line = authorized_line(grant);
  if (!line) return require_fit_to_print(line.error().message);
  require(std::ranges::count(*line, '"') == 6, "something got out of its quotes");
  require(printable(*line, line->size()) == *line, "a line with what is no text");
}

void check_look(std::string_view text) {
  LookFilter whole;
  const auto at_once = whole.feed(text);
  LookFilter pieces;
  std::string passed;
  for (const char c : text) {
    const auto piece = pieces.feed({&c, 1});
    if (!piece) break;
    passed += *piece;
  }
  if (at_once) require(passed == *at_once, "in pieces it passes differently");
  for (std::size_t at = 0; at < passed.size();) {
    const auto head = std::string_view{passed}.substr(at);
    require(head.starts_with("GET /") || head.starts_with("HEAD /"), "what does not look passes");
    at += head.find("\r\n\r\n") + 4;
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = plimsoll::fuzz::as_text(data, size);
  plimsoll::fuzz::check_received(text);
  plimsoll::fuzz::check_keys(text);
  plimsoll::fuzz::check_line(text);
  plimsoll::fuzz::check_look(text);
  return 0;
}
