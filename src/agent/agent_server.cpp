#include "agent/agent_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/agent_documents.h"
#include "agent/agent_routes.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "telemetry/prometheus.h"
#include "telemetry/wire_legacy.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

HttpResponse failure(unsigned status, std::string_view message) {
  JsonWriter json;
  json.begin_object().field("error", message).end_object();
  return json_response(json.take(), status);
}

HttpResponse failure(const Error& error) {
  switch (error.code) {
    case Errc::invalid:
    case Errc::malformed:
    case Errc::too_large:
      return failure(400, error.message);
    case Errc::timeout:
      return failure(504, error.message);
    case Errc::not_found:
    case Errc::unreachable:
    case Errc::refused:
    case Errc::unauthorized:
    case Errc::conflict:
    case Errc::io:
    case Errc::cancelled:
      return failure(502, error.message);
  }
  return failure(500, error.message);
}

bool asks_for(std::string_view target, std::string_view wanted) {
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return false;
  const auto parts = split(target.substr(mark + 1), '&');
  return std::ranges::find(parts, wanted) != parts.end();
}

HttpResponse sunk(std::size_t bytes) {
  JsonWriter json;
  json.begin_object().field("bytes", bytes).end_object();
  return json_response(json.take());
}

HttpResponse come_later(std::string_view what, Duration wait) {
  auto response = failure(429, what);
  const auto whole = std::chrono::ceil<std::chrono::seconds>(wait).count();
  response.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(whole, 1)));
  return response;
}

HttpResponse unauthorized(bool presented) {
  auto response = failure(
      401, presented
               ? "the token is not one of this host's agent.token_file; the monitor presents the "
                 "first line of its own agent.token_file"
               : "a token is asked for: send 'Authorization: Bearer TOKEN' with the token of this "
                 "host's agent.token_file");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"plimsoll agent\"");
  return response;
}

HttpResponse wrong_method(const AgentRouteRow& row) {
  auto response = failure(405, "this path knows " + std::string{row.method} + " only");
  response.headers.emplace_back("Allow", row.method);
  return response;
}

/// Does something when it goes, however that comes.
template <class Act>
class Finally {
 public:
  explicit Finally(Act act) : act_(std::move(act)) {}
  ~Finally() { act_(); }
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;

 private:
  Act act_;
};

HttpResponse openapi() {
  HttpResponse response;
  response.headers.emplace_back("Content-Type", "application/yaml");
  response.body = agent_document("agent.yaml").value_or("");
  return response;
}

}  // namespace

struct AgentServer::Sample {
  HostReading reading;
  std::array<std::optional<std::string>, 5> encoded;

  const std::string& text(Form form) {
    auto& slot = encoded.at(static_cast<std::size_t>(form));
    if (!slot) slot = encode(form);
    return *slot;
  }
  [[nodiscard]] std::string encode(Form form) const {
    switch (form) {
      case Form::devicedetails:
        return encode_devicedetails(reading);
      case Form::containers:
        return encode_containers(reading);
      case Form::combined:
        return encode_combined(reading);
      case Form::v1:
        return encode_v1(reading);
      case Form::metrics:
        return encode_prometheus(reading);
    }
    return {};
  }
};

AgentServer::AgentServer(const asio::any_io_executor& executor, AgentServerConfig config,
                         WallClock clock)
    : executor_(executor),
      config_(std::move(config)),
      clock_(std::move(clock)),
      rtt_(executor, config_.rtt),
      probe_limit_(config_.probe_limits) {}

AgentServer::~AgentServer() = default;

void AgentServer::publish(HostReading reading) {
  published_at_ = config_.steady();
  missed_.clear();
  show_from_now_on(std::move(reading));
}

void AgentServer::show_from_now_on(HostReading reading) {
  sample_ = std::make_unique<Sample>();
  sample_->reading = std::move(reading);
}

void AgentServer::amend(const std::function<void(HostReading&)>& change) {
  if (!sample_) return;
  auto reading = std::move(sample_->reading);
  change(reading);
  show_from_now_on(std::move(reading));
}

std::optional<HttpResponse> AgentServer::refuse(const HttpRequest& head) {
  const auto* row = find_agent_route(head.target);
  if (row == nullptr) return failure(404, "no such path; /v1/telemetry has the telemetry");
  if (head.method != row->method) return wrong_method(*row);
  if (row->is_open || !tokens_.is_set()) return std::nullopt;
  const auto token = bearer_token(head);
  if (tokens_.matches(token)) return std::nullopt;
  return unauthorized(!token.empty());
}

Admission AgentServer::admit(const HttpRequest& head, Admission usual) {
  usual.refusal = refuse(head);
  if (usual.refusal) add_headers(*usual.refusal);
  if (const auto* row = find_agent_route(head.target)) {
    usual.body_bytes_max = row->body_bytes_max;
    usual.discard_body = row->route == AgentRoute::sink;
  }
  return usual;
}

Task<HttpResponse> AgentServer::handle(HttpRequest request) {
  auto response = co_await answer(std::move(request));
  add_headers(response);
  co_return response;
}

void AgentServer::add_headers(HttpResponse& response) const {
  response.headers.emplace_back(agent_version_header, PLIMSOLL_VERSION);
  const auto now = clock_().time_since_epoch();
  response.headers.emplace_back(agent_time_header, std::to_string(now.count()));
}

Task<HttpResponse> AgentServer::answer(HttpRequest request) {
  const auto* row = find_agent_route(request.target);
  if (row == nullptr) co_return failure(404, "no such path");
  switch (row->route) {
    case AgentRoute::devicedetails:
      co_return show(Form::devicedetails);
    case AgentRoute::containers:
      co_return show(Form::containers);
    case AgentRoute::combined:
      co_return show(Form::combined);
    case AgentRoute::telemetry:
      if (writable_asked_ && asks_for(request.target, "writable=1")) writable_asked_();
      co_return show(Form::v1);
    case AgentRoute::metrics:
      co_return show(Form::metrics);
    case AgentRoute::health:
      co_return health();
    case AgentRoute::rtt:
      co_return co_await measure_rtt(std::move(request));
    case AgentRoute::probe:
      co_return co_await probe(std::move(request));
    case AgentRoute::sink:
      co_return sunk(request.body_bytes);
    case AgentRoute::openapi:
      co_return openapi();
  }
  co_return failure(500, "unreachable");
}

Duration AgentServer::age() const {
  return std::chrono::duration_cast<Duration>(config_.steady() - published_at_);
}

std::optional<HttpResponse> AgentServer::unavailable() const {
  if (!sample_) {
    const std::string why = missed_.empty() ? "" : ": " + missed_;
    return failure(503, "the first sample is not taken yet" + why);
  }
  if (age() <= config_.stale_after) return std::nullopt;
  return failure(
      503, fmt::format("the last sample is {} s old: {}", age() / Duration{1'000},
                       missed_.empty() ? "reading the kernel's files takes for ever" : missed_));
}

HttpResponse AgentServer::show(Form form) {
  if (auto refusal = unavailable()) return std::move(*refusal);
  if (form != Form::metrics) return json_response(sample_->text(form));
  HttpResponse response;
  response.headers.emplace_back("Content-Type", prometheus_content_type);
  response.body = sample_->text(form);
  return response;
}

HttpResponse AgentServer::health() const {
  if (auto refusal = unavailable()) return std::move(*refusal);
  JsonWriter json;
  json.begin_object().field("status", "ok").field("age_s", seconds(age())).end_object();
  return json_response(json.take());
}

Task<HttpResponse> AgentServer::measure_rtt(HttpRequest request) {
  auto hosts = decode_rtt_request(request.body);
  if (!hosts) co_return failure(hosts.error());
  if (measuring_rtt_ >= config_.rtt_at_once_max) {
    co_return come_later("round trips are being measured already", config_.rtt.probe_timeout);
  }
  ++measuring_rtt_;
  const Finally done{[this] { --measuring_rtt_; }};
  const auto reports = co_await rtt_.measure(std::move(*hosts));
  co_return json_response(encode_rtt_response(reports));
}

/// Whoever may ask without a token must not use this host to try the ports of others.
std::string AgentServer::may_not_probe(const ProbeRequest& wanted) const {
  if (wanted.port == agent_port || wanted.port == own_port_) return "";
  if (!tokens_.is_set()) {
    return fmt::format(
        "port {}: without a token only the agents' port {} and this agent's own, {}, are measured; "
        "with agent.token_file others are",
        wanted.port, agent_port, own_port_);
  }
  constexpr std::uint16_t unprivileged = 1024;
  if (wanted.port >= unprivileged) return "";
  return fmt::format("port {}: no agent listens below {}", wanted.port, unprivileged);
}

Task<HttpResponse> AgentServer::probe(HttpRequest request) {
  auto wanted = decode_probe_request(request.body);
  if (!wanted) co_return failure(wanted.error());
  if (!wanted->tls) wanted->tls = config_.probe_trust.tls;
  if (const auto reason = may_not_probe(*wanted); !reason.empty()) co_return failure(403, reason);
  const std::string target = fmt::format("{}:{}", wanted->host, wanted->port);
  if (const auto known = probe_memory_.find(target, wanted->max_age, ProbeMemory::Clock::now())) {
    co_return json_response(encode_probe_report(*known));
  }
  const auto wait = probe_limit_.begin(request.peer, target, ProbeLimit::Clock::now());
  if (wait > Duration{0}) co_return come_later("too many measurements; ask later", wait);
  const Finally done{[this] { probe_limit_.end(); }};
  auto measuring = measure_goodput(std::move(*wanted), tokens_.current(), config_.probe_trust);
  const auto report = co_await std::move(measuring);
  if (!report) co_return failure(report.error());
  probe_memory_.keep(target, *report, ProbeMemory::Clock::now());
  co_return json_response(encode_probe_report(*report));
}

}  // namespace plimsoll
