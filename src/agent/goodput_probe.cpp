#include "agent/goodput_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "core/json_writer.h"
#include "core/text.h"
#include "runtime/http_client.h"
#include "telemetry/json_reader.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// Starts small, so that a slow link too finishes a piece, and ends below what a server takes.
constexpr std::uint64_t piece_bytes_first = 64U << 10;
constexpr std::uint64_t piece_bytes_max = 512U << 10;
constexpr int round_trips = 4;

std::string incompressible(std::uint64_t bytes) {
  std::mt19937_64 random{bytes};
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i + 8 <= text.size(); i += 8) {
    const std::uint64_t word = random();
    std::memcpy(text.data() + i, &word, sizeof word);
  }
  return text;
}

/// One measurement; lives through its coroutine.
class Probe {
 public:
  Probe(const asio::any_io_executor& executor, const ProbeRequest& request, std::string token,
        const ProbeTrust& trust)
      : http_(executor, target_of(request, trust), limits()),
        token_(std::move(token)),
        deadline_(Clock::now() + probe_time_max) {}

  Task<Result<ProbeReport>> run(std::uint64_t bytes);

 private:
  static HttpTarget target_of(const ProbeRequest& request, const ProbeTrust& trust) {
    HttpTarget target;
    target.host = request.host;
    target.port = request.port;
    target.tls = request.tls.value_or(trust.tls);
    target.trust = trust.trust;
    return target;
  }
  static HttpLimits limits() {
    HttpLimits limits;
    limits.body_bytes_max = 64U << 10;
    return limits;
  }
  [[nodiscard]] Duration time_left() const {
    return std::chrono::duration_cast<Duration>(deadline_ - Clock::now());
  }
  Task<Result<void>> find_agent();
  Task<Result<double>> send(std::string body);
  Task<Result<double>> measure_round_trip();

  HttpClient http_;
  std::string token_;
  Clock::time_point deadline_;
};

Task<Result<void>> Probe::find_agent() {
  HttpRequest request;
  request.target = "/healthz";
  const auto limit = std::max(time_left(), Duration{1});
  const auto response = co_await http_.send(std::move(request), limit);
  if (!response) co_return response.error();
  if (header(response->headers, agent_version_header).empty()) {
    co_return Error{Errc::refused, http_.target().str() + ": no plimsoll agent answers there"};
  }
  co_return Result<void>{};
}

/// The time it took. Unit: seconds.
Task<Result<double>> Probe::send(std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/sink";
  request.body = std::move(body);
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  const auto limit = std::max(time_left(), Duration{1});
  const auto start = Clock::now();
  const auto response = co_await http_.send(std::move(request), limit);
  const Seconds took = Clock::now() - start;
  if (!response) co_return response.error();
  if (!response->ok()) {
    const char* hint = response->status == 401 ? "; its agent.token_file holds another token" : "";
    co_return Error{Errc::refused, fmt::format("{}: POST /v1/sink: status {}{}",
                                               http_.target().str(), response->status, hint)};
  }
  co_return took.count();
}

Task<Result<double>> Probe::measure_round_trip() {
  double best = seconds(probe_time_max);
  for (int i = 0; i < round_trips; ++i) {
    const auto took = co_await send("");
    if (!took) co_return took.error();
    best = std::min(best, *took);
  }
  co_return best;
}

Task<Result<ProbeReport>> Probe::run(std::uint64_t bytes) {
  const auto found = co_await find_agent();
  if (!found) co_return found.error();
  const auto round_trip = co_await measure_round_trip();
  if (!round_trip) co_return round_trip.error();
  const std::string noise = incompressible(std::min(bytes, piece_bytes_max));
  ProbeReport report;
  report.rtt_ms = *round_trip * 1000.0;
  double spent = 0;
  double carrying = 0;
  std::uint64_t piece = piece_bytes_first;
  while (report.bytes < bytes && time_left() > Duration{0}) {
    const std::uint64_t size = std::min({piece, bytes - report.bytes, noise.size()});
    const auto took = co_await send(noise.substr(0, size));
    if (!took && report.bytes > 0 && took.error().code == Errc::timeout) break;
    if (!took) co_return took.error();
    report.bytes += size;
    spent += *took;
    carrying += *took - *round_trip;
    piece = std::min(piece * 2, piece_bytes_max);
  }
  // On a link much faster than its round trip is short the difference is noise.
  const double busy = std::max(carrying, spent * 0.1);
  if (busy > 0) report.goodput_bytes_per_s = static_cast<double>(report.bytes) / busy;
  co_return report;
}

}  // namespace

Result<ProbeRequest> decode_probe_request(std::string_view json) {
  const auto document = JsonDocument::parse(json, JsonLimits{4096, 4});
  if (!document) return document.error();
  std::optional<Error> problem;
  JsonFields fields{document->root(), problem};
  ProbeRequest request;
  int port = request.port;
  fields.required("host", request.host);
  fields.optional("port", port, 65'535);
  fields.optional("bytes", request.bytes, static_cast<double>(probe_bytes_max));
  if (request.host.empty() || request.host.size() > 255) fields.fail("host", "is not an address");
  if (port == 0) fields.fail("port", "is 0");
  if (request.bytes == 0) fields.fail("bytes", "is 0");
  double max_age_s = 0;
  fields.optional("max_age_s", max_age_s, static_cast<double>(probe_age_max.count()));
  request.max_age = Duration{static_cast<std::int64_t>(max_age_s * 1000)};
  std::string scheme;
  fields.optional("scheme", scheme);
  if (scheme == "https" || scheme == "http") {
    request.tls = scheme == "https";
  } else if (!scheme.empty()) {
    fields.fail("scheme", "is neither http nor https");
  }
  if (problem) return *problem;
  request.port = static_cast<std::uint16_t>(port);
  return request;
}

std::string encode_probe_report(const ProbeReport& report) {
  JsonWriter json;
  json.begin_object().field("rtt_ms", report.rtt_ms);
  json.field("goodput_bytes_per_s", report.goodput_bytes_per_s).field("bytes", report.bytes);
  json.field("age_s", static_cast<double>(report.age.count()) / 1000);
  json.end_object();
  return json.take();
}

Task<Result<ProbeReport>> measure_goodput(ProbeRequest request, std::string token,
                                          ProbeTrust trust) {
  const auto executor = co_await asio::this_coro::executor;
  Probe probe{executor, request, std::move(token), trust};
  co_return co_await probe.run(request.bytes);
}

}  // namespace plimsoll
