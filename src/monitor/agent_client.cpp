#include "monitor/agent_client.h"

#include <fmt/format.h>

#include "core/text.h"
#include "telemetry/wire_legacy.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

constexpr const char* our_path = "v1/telemetry";
constexpr const char* legacy_path = "combined";

std::string class_of(Errc code) {
  switch (code) {
    case Errc::unreachable:
      return "connect";
    case Errc::io:
      return "cut_off";
    case Errc::invalid:
    case Errc::malformed:
    case Errc::not_found:
    case Errc::timeout:
    case Errc::refused:
    case Errc::unauthorized:
    case Errc::conflict:
    case Errc::too_large:
    case Errc::cancelled:
      return to_string(code);
  }
  return "unknown";
}

bool is_html(std::string_view body) {
  const auto start = trim(body.substr(0, 512));
  return start.starts_with('<');
}

HttpTarget target_of(const Host& host) {
  HttpTarget target;
  target.host = host.address;
  target.port = host.port;
  return target;
}

HttpLimits limits_of(const MonitorConfig& config) {
  HttpLimits limits;
  limits.body_bytes_max = config.body_bytes_max;
  return limits;
}

}  // namespace

AgentClient::AgentClient(asio::any_io_executor executor, const Host& host,
                         const MonitorConfig& config)
    : api_(host.api),
      timeout_(config.timeout),
      legacy_retry_(config.legacy_retry),
      token_(config.token),
      client_(std::move(executor), target_of(host), limits_of(config)) {}

bool AgentClient::try_ours() const {
  return !legacy_since_ || Steady::now() - *legacy_since_ >= legacy_retry_;
}

Task<AgentClient::Answer> AgentClient::get(std::string path) {
  HttpRequest request;
  request.target = "/" + path;
  request.headers.emplace_back("Accept", "application/json");
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  constexpr Duration shortest{1};
  const auto left = std::max(shortest, std::chrono::ceil<Duration>(deadline_ - Steady::now()));
  auto response = co_await client_.send(std::move(request), left);
  if (response) bytes_ += response->body.size();
  Answer answer{std::move(response), std::move(path)};
  co_return answer;
}

Task<AgentClient::Answer> AgentClient::ask() {
  if (!api_.empty()) co_return co_await get(api_);
  if (try_ours()) {
    auto ours = co_await get(our_path);
    if (!ours.response || ours.response->status != 404) {
      if (ours.response) legacy_since_.reset();
      co_return ours;
    }
    legacy_since_ = Steady::now();
  }
  auto legacy = co_await get(legacy_path);
  if (!legacy.response || !legacy.response->ok()) legacy_since_.reset();
  co_return legacy;
}

Result<HostReading> AgentClient::decode(const Answer& answer) const {
  const auto& response = *answer.response;
  if (!response.ok()) {
    const char* hint = response.status == 404 ? " (is this a plimsoll agent?)"
                       : response.status == 401 || response.status == 403
                           ? " (agent.token_file here and there must hold the same token)"
                           : "";
    return Error{Errc::refused,
                 fmt::format("answers HTTP {} for /{}{}", response.status, answer.path, hint)};
  }
  if (is_html(response.body)) {
    return Error{Errc::malformed, fmt::format("answers a web page for /{}, not telemetry (is this "
                                              "a plimsoll agent?)",
                                              answer.path)};
  }
  auto reading =
      answer.path.ends_with(our_path) ? decode_v1(response.body) : decode_combined(response.body);
  if (!reading) return reading.error().in("/" + answer.path);
  return reading;
}

Task<PollOutcome> AgentClient::poll() {
  const auto start = Steady::now();
  deadline_ = start + timeout_;
  bytes_ = 0;
  const auto answer = co_await ask();
  PollOutcome outcome{Error{}, std::chrono::ceil<Duration>(Steady::now() - start), bytes_, {}};
  if (!answer.response) {
    outcome.reading = answer.response.error();
    outcome.error_class = class_of(answer.response.error().code);
    co_return outcome;
  }
  auto reading = decode(answer);
  if (reading) {
    outcome.reading = std::move(reading);
  } else {
    const bool http = !answer.response->ok();
    outcome.error_class =
        http ? fmt::format("http_{}", answer.response->status) : class_of(reading.error().code);
    outcome.reading = reading.error().in(client_.target().str());
  }
  co_return outcome;
}

}  // namespace plimsoll
