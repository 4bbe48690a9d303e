#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.h"
#include "simulate/decide_protocol.h"

namespace plimsoll {
namespace {

struct Options {};

constexpr std::size_t read_bytes = std::size_t{256} << 10;

/// The lines of standard input, the last one with or without its end. A line that is too long is
/// skipped while it comes in.
class LineInput {
 public:
  enum class State { line, too_long, end, failed };

  State next(std::string_view& line) {
    for (;;) {
      const auto found = text_.find('\n', searched_);
      if (found != std::string::npos) return give(found, found + 1, line);
      searched_ = text_.size();
      if (text_.size() - begin_ > DecideConversation::line_bytes_max) skipping_ = true;
      if (skipping_) drop();
      const auto got = fill();
      if (got < 0) return State::failed;
      if (got > 0) continue;
      if (text_.size() == begin_ && !skipping_) return State::end;
      return give(text_.size(), text_.size(), line);
    }
  }

 private:
  State give(std::size_t end, std::size_t next, std::string_view& line) {
    line = std::string_view{text_}.substr(begin_, end - begin_);
    begin_ = next;
    searched_ = next;
    return std::exchange(skipping_, false) ? State::too_long : State::line;
  }

  void drop() {
    text_.clear();
    begin_ = 0;
    searched_ = 0;
  }

  ssize_t fill() {
    text_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    ssize_t got = 0;
    do {
      got = ::read(STDIN_FILENO, chunk_.data(), chunk_.size());
    } while (got < 0 && errno == EINTR);
    if (got > 0) text_.append(chunk_.data(), static_cast<std::size_t>(got));
    return got;
  }

  std::vector<char> chunk_ = std::vector<char>(read_bytes);
  std::string text_;
  std::size_t begin_ = 0;     // of the line that is next
  std::size_t searched_ = 0;  // up to here there is no end of it
  bool skipping_ = false;
};

/// False when the reader is gone or the write failed, which errno tells.
bool write_out(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int fail_errno(const char* what) {
  return fail({Errc::io, fmt::format("{}: {}", what, std::strerror(errno))});
}

int run(const Options&, const CommandContext&) {
  DecideConversation conversation;
  LineInput input;
  std::string_view line;
  for (;;) {
    const auto state = input.next(line);
    if (state == LineInput::State::end) return exit_ok;
    if (state == LineInput::State::failed) return fail_errno("standard input");
    auto answer = state == LineInput::State::line ? conversation.answer(line)
                                                  : conversation.refuse_long_line();
    if (answer.empty()) continue;
    answer += '\n';
    if (!write_out(answer)) return errno == EPIPE ? exit_ok : fail_errno("standard output");
    if (conversation.failure()) return fail(*conversation.failure());
  }
}

}  // namespace

void add_decide(const CommandLine& app, CommandContext& context) {
  add_command<Options>(
      app, context,
      {"decide", "Decide for another program: a fleet in, moves out, as lines of JSON",
       "  plimsoll decide <fleet.jsonl                  # a line of moves for each step of a file\n"
       "  coproc plimsoll decide                        # in bash: asked and answered step by "
       "step\n\n"
       "Standard input is lines of JSON, first the fleet, then a step a line:\n"
       "  {\"policy\": {}, \"hosts\": [{\"name\": \"h1\", \"cpu\": 8}, {\"name\": \"h2\", \"cpu\": "
       "8}],\n"
       "   \"containers\": [{\"name\": \"web\", \"host\": \"h1\", \"move_bytes\": 50000000}]}\n"
       "  {\"time\": 300, \"containers\": {\"web\": {\"cpu\": 2.5, \"memory_bytes\": 900000000}}}\n"
       "Standard output is one line for each step:\n"
       "  {\"moves\": [{\"container\": \"web\", \"from\": \"h1\", \"to\": \"h2\", \"reason\": "
       "\"…\"}]}\n\n"
       "plimsoll.toml is not read: \"policy\" has the keys of its section [orchestrator]. All of "
       "it:\n"
       "docs/formats/decide.md, as a schema docs/api/decide.schema.json.\n"},
      run);
}

}  // namespace plimsoll
