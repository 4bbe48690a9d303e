#include "orchestrate/hooks.h"

#include <fmt/format.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "runtime/hmac.h"
#include "runtime/http_client.h"
#include "runtime/process.h"

namespace plimsoll {
namespace {

std::string body_of(const std::string& phase, const MoveRecord& record) {
  JsonWriter json;
  json.begin_object().field("phase", phase).key("move").raw(render_json(record)).end_object();
  return json.take();
}

bool is_url(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

}  // namespace

Task<Result<void>> Hooks::before(Act act, const MoveRecord* record) const {
  return run("pre_" + hook_phase(act), record);
}

Task<Result<void>> Hooks::after(Act act, const MoveRecord* record) const {
  return run("post_" + hook_phase(act), record);
}

Task<Result<void>> Hooks::after_rollback(const MoveRecord* record) const {
  return run("post_rollback", record);
}

Task<Result<void>> Hooks::run(std::string phase, const MoveRecord* record) const {
  const auto hook = config_.at.find(phase);
  if (hook == config_.at.end() || hook->second.empty()) co_return Result<void>{};
  std::string body = body_of(phase, *record);
  const auto& words = hook->second;
  auto running = words.size() == 1 && is_url(words.front()) ? post(words.front(), std::move(body))
                                                            : run_command(words, std::move(body));
  const auto done = co_await std::move(running);
  if (!done) co_return done.error().in("hook " + phase);
  co_return Result<void>{};
}

Task<Result<void>> Hooks::run_command(std::vector<std::string> argv, std::string body) const {
  ProcessOptions options;
  options.input = std::move(body);
  options.timeout = config_.timeout;
  std::string program = argv.front();
  const auto ended = co_await run_process(std::move(argv), std::move(options));
  if (!ended) co_return ended.error();
  if (ended->exit_code == 0) co_return Result<void>{};
  const auto words = trim(ended->err.empty() ? ended->out : ended->err);
  co_return Error{Errc::refused, fmt::format("{} ended with code {}: {}", printable(program),
                                             ended->exit_code, printable(words, 300))};
}

Task<Result<void>> Hooks::post(std::string url, std::string body) const {
  auto target = parse_http_target(url);
  if (!target) co_return target.error();
  const auto executor = co_await asio::this_coro::executor;
  HttpRequest request;
  request.method = "POST";
  request.target = target->base_path.empty() ? "/" : "";
  request.headers = {{"Content-Type", "application/json"}};
  if (const auto& secret = config_.secret.current(); !secret.empty()) {
    request.headers.emplace_back("X-Plimsoll-Signature", "sha256=" + hmac_sha256_hex(secret, body));
  }
  request.body = std::move(body);
  HttpClient client{executor, std::move(*target)};
  const auto answer = co_await client.send(std::move(request), config_.timeout);
  if (!answer) co_return answer.error();
  if (answer->ok()) co_return Result<void>{};
  co_return Error{Errc::refused, fmt::format("{} answered {}: {}", printable(url), answer->status,
                                             printable(trim(answer->body), 300))};
}

}  // namespace plimsoll
