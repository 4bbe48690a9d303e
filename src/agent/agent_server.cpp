#include "agent/agent_server.h"

#include <array>

#include "agent/goodput_probe.h"
#include "core/json_writer.h"
#include "telemetry/prometheus.h"
#include "telemetry/wire_legacy.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

enum class Route { devicedetails, containers, combined, v1, metrics, health, rtt, probe, sink };

struct RouteRow {
  std::string_view path;
  std::string_view method;
  Route route;
};

constexpr std::array<RouteRow, 9> routes{{
    {"/devicedetails", "GET", Route::devicedetails},
    {"/containers", "GET", Route::containers},
    {"/combined", "GET", Route::combined},
    {"/v1/telemetry", "GET", Route::v1},
    {"/metrics", "GET", Route::metrics},
    {"/healthz", "GET", Route::health},
    {"/rttData", "POST", Route::rtt},
    {"/v1/probe", "POST", Route::probe},
    {"/v1/sink", "POST", Route::sink},
}};

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

const RouteRow* find_route(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  const auto row = std::ranges::find(routes, path, &RouteRow::path);
  return row == routes.end() ? nullptr : &*row;
}

HttpResponse sunk(std::size_t bytes) {
  JsonWriter json;
  json.begin_object().field("bytes", bytes).end_object();
  return json_response(json.take());
}

/// True for as long as it lives.
class Mark {
 public:
  explicit Mark(bool& flag) : flag_(flag) { flag_ = true; }
  ~Mark() { flag_ = false; }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;

 private:
  bool& flag_;
};

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
    : executor_(executor), config_(config), clock_(std::move(clock)), rtt_(executor, config.rtt) {}

AgentServer::~AgentServer() = default;

void AgentServer::publish(HostReading reading) {
  sample_ = std::make_unique<Sample>();
  sample_->reading = std::move(reading);
}

bool AgentServer::is_authorized(const HttpRequest& request) const {
  return token_.empty() ||
         same_secret(header(request.headers, "Authorization"), "Bearer " + token_);
}

Task<HttpResponse> AgentServer::handle(HttpRequest request) {
  const auto* row = find_route(request.target);
  if (row == nullptr) co_return failure(404, "no such path; /v1/telemetry has the telemetry");
  if (request.method != row->method) {
    auto response = failure(405, "this path knows " + std::string{row->method} + " only");
    response.headers.emplace_back("Allow", row->method);
    co_return response;
  }
  if (row->route != Route::health && !is_authorized(request)) {
    co_return failure(401, "a bearer token is needed: agent.token_file of this host");
  }
  switch (row->route) {
    case Route::devicedetails:
      co_return show(Form::devicedetails);
    case Route::containers:
      co_return show(Form::containers);
    case Route::combined:
      co_return show(Form::combined);
    case Route::v1:
      co_return show(Form::v1);
    case Route::metrics:
      co_return show(Form::metrics);
    case Route::health:
      co_return health();
    case Route::rtt:
      co_return co_await measure_rtt(std::move(request));
    case Route::probe:
      co_return co_await probe(std::move(request));
    case Route::sink:
      co_return sunk(request.body.size());
  }
  co_return failure(500, "unreachable");
}

HttpResponse AgentServer::show(Form form) {
  if (!sample_) return failure(503, "the first sample is not taken yet");
  if (form != Form::metrics) return json_response(sample_->text(form));
  HttpResponse response;
  response.headers.emplace_back("Content-Type", prometheus_content_type);
  response.body = sample_->text(form);
  return response;
}

HttpResponse AgentServer::health() const {
  if (!sample_) return failure(503, "the first sample is not taken yet");
  const Duration age = clock_() - sample_->reading.sampled_at;
  if (age > config_.stale_after) {
    return failure(503, "the last sample is " + format_duration(age) + " old");
  }
  JsonWriter json;
  json.begin_object().field("status", "ok").field("age_s", seconds(age)).end_object();
  return json_response(json.take());
}

Task<HttpResponse> AgentServer::measure_rtt(HttpRequest request) {
  auto hosts = decode_rtt_request(request.body);
  if (!hosts) co_return failure(hosts.error());
  if (measuring_rtt_) co_return failure(429, "round trips are being measured already; ask later");
  const Mark mark{measuring_rtt_};
  const auto reports = co_await rtt_.measure(std::move(*hosts));
  co_return json_response(encode_rtt_response(reports));
}

Task<HttpResponse> AgentServer::probe(HttpRequest request) {
  auto wanted = decode_probe_request(request.body);
  if (!wanted) co_return failure(wanted.error());
  const auto now = std::chrono::steady_clock::now();
  if (probing_ || (probed_at_ && now - *probed_at_ < config_.probe_every)) {
    co_return failure(429, "one probe at a time and one a second; ask later");
  }
  const Mark mark{probing_};
  probed_at_ = now;
  const auto report = co_await measure_goodput(std::move(*wanted), token_);
  if (!report) co_return failure(report.error());
  co_return json_response(encode_probe_report(*report));
}

bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |=
        static_cast<unsigned char>(a[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(b[i]));
  }
  return different == 0;
}

}  // namespace plimsoll
