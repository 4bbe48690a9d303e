#include "remote/hand_client.h"

#include <fmt/format.h>

#include "core/text.h"
#include "docker/json_access.h"
#include "remote/hand_line.h"
#include "remote/ssh_failure.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

constexpr std::size_t line_bytes_max = 32U << 20;
constexpr std::size_t words_max = 4000;
constexpr int ssh_itself_failed = 255;

/// One act's process, and what it says.
class Conversation {
 public:
  Conversation(ChildProcess* child, const HandCall& call, std::string host)
      : child_(child), call_(call), host_(std::move(host)) {}

  Task<Result<json::value>> run() {
    using namespace asio::experimental::awaitable_operators;
    auto all = feed() && listen() && hear_complaints();
    co_await std::move(all);
    auto waiting = child_->wait();
    const auto code = co_await with_deadline(std::move(waiting), call_.stall, host_);
    if (failure_) co_return *failure_;
    if (result_) co_return std::move(*result_);
    co_return no_result(code ? *code : -1);
  }

 private:
  Task<> feed() {
    if (!call_.input.empty()) {
      const auto written = co_await child_->write_in(call_.input);
      (void)written;  // who does not want his input says why on his output
    }
    child_->close_in();
  }

  Task<> hear_complaints() {
    for (;;) {
      const auto chunk = co_await child_->read_err();
      if (!chunk || chunk->empty()) co_return;
      if (complaints_.size() < words_max) complaints_ += *chunk;
    }
  }

  Task<> listen() {
    std::string text;
    for (;;) {
      auto reading = child_->read_out();
      const auto chunk = co_await with_deadline(std::move(reading), call_.stall, call_.act);
      if (!chunk) co_return give_up(chunk.error());
      if (chunk->empty()) co_return;
      text += *chunk;
      std::size_t from = 0;
      for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
        take_line(std::string_view{text}.substr(from, end - from));
        from = end + 1;
      }
      text.erase(0, from);
      if (text.size() > line_bytes_max) {
        co_return give_up({Errc::too_large, "it printed a line of more than 32 MiB"});
      }
    }
  }

  void take_line(std::string_view line) {
    if (failure_ || result_) return;
    auto document = parse_hand_line(line, host_);
    if (!document) {
      failure_ = document.error();
    } else if (const auto bytes = integer_of(member(*document, "progress"))) {
      if (call_.progress && *bytes >= 0) call_.progress(Bytes{static_cast<std::uint64_t>(*bytes)});
    } else if (const auto part = text_of(member(*document, "reached")); !part.empty()) {
      if (call_.reached) call_.reached(part);
    } else if (is_true(member(*document, "ok"))) {
      result_ = member(*document, "result");
    }
  }

  void give_up(const Error& error) {
    failure_ = error.in(host_);
    child_->kill();
  }

  [[nodiscard]] Error no_result(int code) const {
    if (code == ssh_itself_failed) return explain_ssh_failure(host_, complaints_);
    return {Errc::malformed, fmt::format("{}: '{}' ended with code {} and told nothing: {}", host_,
                                         call_.act, code, printable(trim(complaints_), 400))};
  }

  ChildProcess* child_;
  const HandCall& call_;
  std::string host_;
  std::string complaints_;
  std::optional<Error> failure_;
  std::optional<json::value> result_;
};

Task<Result<json::value>> converse(ChildProcess* child, const HandCall* call, std::string host) {
  Conversation conversation{child, *call, std::move(host)};
  auto result = co_await conversation.run();
  co_return result;
}

}  // namespace

Task<Result<json::value>> hear_act(ChildProcess* child, HandCall call, std::string host) {
  auto talking = converse(child, &call, host);
  const auto what = fmt::format("{}: {}", host, call.act);
  auto result = co_await with_deadline(std::move(talking), call.timeout, what);
  co_return result;
}

Result<RemoteCommand> Hand::command(const HandCall& call) const {
  std::vector<std::string> words{
      call.act,  "--move",    order_.move.str(), "--epoch", std::to_string(order_.epoch),
      "--owner", order_.owner};
  if (order_.take_over) words.emplace_back("--take-over");
  words.insert(words.end(), call.words.begin(), call.words.end());
  return RemoteCommand::hand(place_.executable, place_.sudo, words);
}

Task<Result<json::value>> Hand::act(HandCall call) const {
  const auto line = command(call);
  if (!line) co_return line.error();
  auto child = session_->spawn(*line);
  if (!child) co_return child.error();
  auto result = co_await hear_act(&*child, std::move(call), session_->host().name.str());
  co_return result;
}

Task<Result<HttpTarget>> Hand::open_gate() const {
  HandCall call;
  call.act = "gate";
  auto line = command(call);
  if (!line) co_return line.error();
  auto gate = co_await session_->open_gate(std::move(*line));
  co_return gate;
}

Task<Result<HttpTarget>> Hand::open_look(SshSession* session, HandPlace place) {
  const std::vector<std::string> words{"gate", "--look"};
  auto line = RemoteCommand::hand(place.executable, place.sudo, words);
  if (!line) co_return line.error();
  auto gate = co_await session->open_gate(std::move(*line));
  co_return gate;
}

}  // namespace plimsoll
