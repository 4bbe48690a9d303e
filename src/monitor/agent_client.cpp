#include "monitor/agent_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "store/point_rules.h"
#include "telemetry/wire_legacy.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

constexpr const char* our_path = "v1/telemetry";
constexpr const char* legacy_path = "combined";

/// Of what went wrong before there was an answer.
std::string class_of_failure(Errc code) {
  switch (code) {
    case Errc::unreachable:
      return "connect";
    case Errc::io:
      return "cut_off";
    case Errc::unauthorized:
      return "tls";
    case Errc::invalid:
    case Errc::malformed:
    case Errc::not_found:
    case Errc::timeout:
    case Errc::refused:
    case Errc::conflict:
    case Errc::too_large:
    case Errc::cancelled:
      return to_string(code);
  }
  return "unknown";
}

/// Of what is wrong with an answer.
std::string class_of_answer(const HttpResponse& response, Errc code) {
  if (!response.ok()) return fmt::format("http_{}", response.status);
  return code == Errc::invalid ? "impossible" : to_string(code);
}

bool is_html(std::string_view body) {
  const auto start = trim(body.substr(0, 512));
  return start.starts_with('<');
}

HttpLimits limits_of(const AgentAccess& access) {
  HttpLimits limits;
  limits.body_bytes_max = access.config.body_bytes_max;
  limits.budget = access.bodies.get();
  return limits;
}

bool is_name(const std::string& address) {
  boost::system::error_code not_an_address;
  asio::ip::make_address(address, not_an_address);
  return not_an_address.failed();
}

/// The agent's clock at its answer; nothing where it is not told, or is no time that a store holds.
std::optional<TimePoint> clock_of(const HttpResponse& response) {
  const auto told = parse_number<std::int64_t>(header(response.headers, agent_time_header));
  if (!told) return std::nullopt;
  const TimePoint time{Duration{*told}};
  return time == storable_time(time) ? std::optional{time} : std::nullopt;
}

/// The agent's own clock at its answer is better than when it took its sample.
std::optional<ClockSkew> skew_of(const HttpResponse& response, const HostReading& reading,
                                 AskedAt asked) {
  const auto told = clock_of(response);
  return told ? clock_skew(*told, asked) : clock_skew(reading, asked);
}

/// How old the sample was at the answer, by the agent's own clock; nothing where it is not told.
std::optional<Duration> age_of(const HttpResponse& response, const HostReading& reading) {
  const auto told = clock_of(response);
  if (!told || reading.sampled_at == TimePoint{}) return std::nullopt;
  return *told - reading.sampled_at;
}

/// As the agent itself judges. Ours.
bool is_stale(Duration age, const HostReading& reading) {
  return age > std::max(reading.interval * 5, Duration{10'000});
}

}  // namespace

std::shared_ptr<const AgentAccess> make_agent_access(const asio::any_io_executor& executor,
                                                     const MonitorConfig& config, WallClock clock) {
  auto access = std::make_shared<AgentAccess>();
  access->config = config;
  access->names = std::make_shared<DnsCache>(executor, make_name_lookup());
  access->bodies = std::make_shared<ByteBudget>(ByteBudget{config.bodies_bytes_max});
  access->clock = std::move(clock);
  return access;
}

AgentClient::AgentClient(asio::any_io_executor executor, const Host& host,
                         std::shared_ptr<const AgentAccess> access)
    : access_(std::move(access)),
      api_(host.api),
      client_(std::move(executor), access_->config.agents.target_of(host), limits_of(*access_)),
      is_name_(is_name(host.address)) {}

bool AgentClient::try_ours() const {
  return !legacy_since_ || Steady::now() - *legacy_since_ >= access_->config.legacy_retry;
}

Duration AgentClient::time_left() const {
  constexpr Duration shortest{1};
  return std::max(shortest, std::chrono::ceil<Duration>(deadline_ - Steady::now()));
}

Task<Result<void>> AgentClient::find_addresses() {
  if (!is_name_) co_return Result<void>{};
  auto found = co_await access_->names->resolve(client_.target().host, time_left());
  if (!found) co_return found.error().in(client_.target().str());
  client_.use_addresses(std::move(*found));
  co_return Result<void>{};
}

Task<AgentClient::Answer> AgentClient::get(std::string path) {
  HttpRequest request;
  request.target = "/" + path;
  request.headers.emplace_back("Accept", "application/json");
  access_->config.agents.sign(request);
  AskedAt asked;
  asked.sent = access_->clock();
  auto response = co_await client_.send(std::move(request), time_left());
  asked.received = access_->clock();
  if (response) bytes_ += response->body.size();
  Answer answer{std::move(response), std::move(path), asked};
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

void AgentClient::take_answer(const Answer& answer, PollOutcome& outcome) {
  if (!answer.response) {
    const auto& error = answer.response.error();
    if (is_name_ && !client_.is_connected()) access_->names->distrust(client_.target().host);
    outcome.fail(class_of_failure(error.code), error);
    return;
  }
  auto reading = decode(answer);
  if (reading) {
    outcome.skew = skew_of(*answer.response, *reading, answer.asked);
    const auto age = age_of(*answer.response, *reading);
    if (age && is_stale(*age, *reading)) {
      const auto old = fmt::format("answers a sample that is {} old: does its sampler hang?",
                                   format_duration(*age));
      outcome.fail("stale", Error{Errc::timeout, old}.in(client_.target().str()));
      outcome.brief = client_.target().str() + ": answers an old sample";
      return;
    }
    outcome.reading = std::move(reading);
    return;
  }
  outcome.fail(class_of_answer(*answer.response, reading.error().code),
               reading.error().in(client_.target().str()));
  if (answer.response->ok()) {
    outcome.brief = fmt::format("{}: what /{} answers is not right ({})", client_.target().str(),
                                answer.path, outcome.error_class);
  }
}

Task<PollOutcome> AgentClient::poll() {
  const auto start = Steady::now();
  deadline_ = start + access_->config.timeout;
  bytes_ = 0;
  PollOutcome outcome{Error{}, {}, 0, {}, {}};
  const auto found = co_await find_addresses();
  if (found) {
    const auto answer = co_await ask();
    take_answer(answer, outcome);
  } else {
    outcome.fail("dns", found.error());
  }
  outcome.took = std::chrono::ceil<Duration>(Steady::now() - start);
  outcome.bytes = bytes_;
  co_return outcome;
}

}  // namespace plimsoll
