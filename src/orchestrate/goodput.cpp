#include "orchestrate/goodput.h"

#include <fmt/format.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "runtime/deadline.h"
#include "runtime/http_client.h"

namespace plimsoll {
namespace {

constexpr std::chrono::minutes remembered{10};
constexpr Duration patience{10'000};
/// For an agent that is to be asked again later: it measures one way at a time and each target
/// once in five seconds, whoever asks.
constexpr Duration patience_with_429{20'000};
constexpr std::uint64_t probe_bytes = 4U << 20;

std::string probe_request(const HttpTarget& to) {
  JsonWriter json;
  json.begin_object().field("host", to.host).field("port", to.port);
  json.field("scheme", to.tls ? "https" : "http").field("bytes", probe_bytes);
  // What another command had measured a moment ago need not be sent again.
  json.field("max_age_s", std::chrono::duration<double>{remembered}.count()).end_object();
  return json.take();
}

std::optional<double> positive(const json::value& value) {
  boost::system::error_code error;
  const auto number = value.to_number<double>(error);
  if (error || !(number > 0)) return std::nullopt;
  return number;
}

Duration asked_to_wait(const HttpResponse& response) {
  const auto told = parse_number<std::uint32_t>(header(response.headers, "Retry-After"));
  return std::max(Duration{std::chrono::seconds{told.value_or(1)}}, Duration{1'000});
}

/// Of the measurement, which need not have been made now.
Duration age_of(const HttpResponse& response) {
  const auto answer = parse_json(response.body, "probe");
  if (!answer) return Duration{0};
  const auto seconds = positive(member(*answer, "age_s")).value_or(0);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{
      std::min(seconds, std::chrono::duration<double>{remembered}.count())});
}

Result<Link> read_answer(const HttpResponse& response, const Host& from, const Host& to) {
  const auto answer = parse_json(response.body, from.name.str() + ": its agent's probe");
  if (!answer) return answer.error();
  const auto bytes_per_s = positive(member(*answer, "goodput_bytes_per_s"));
  const auto rtt_ms = positive(member(*answer, "rtt_ms"));
  if (!response.ok() || !bytes_per_s || !rtt_ms) {
    const auto words = text_of(member(*answer, "error"));
    return Error{Errc::refused,
                 fmt::format("{}: its agent could not measure the way to {}: {}", from.name.str(),
                             to.name.str(), words.empty() ? "no reason given" : printable(words))};
  }
  return Link{from.name, to.name, *bytes_per_s, *rtt_ms / 1000.0, true};
}

}  // namespace

Task<Result<Link>> Goodput::measure(Host from, Host to) {
  const Pair pair{from.name, to.name};
  const auto now = std::chrono::steady_clock::now();
  const auto known = known_.find(pair);
  if (known != known_.end() && now - known->second.at < remembered) co_return known->second.link;
  HttpClient client{executor_, agents_.target_of(from)};
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/probe";
  request.headers.emplace_back("Content-Type", "application/json");
  agents_.sign(request);
  request.body = probe_request(agents_.target_of(to));
  auto response = co_await client.send(request, patience);
  while (response && response->status == 429) {
    const Duration wait = asked_to_wait(*response);
    if (std::chrono::steady_clock::now() + wait > now + patience_with_429) break;
    co_await sleep_for(wait);
    response = co_await client.send(request, patience);
  }
  if (!response) co_return response.error().in(from.name.str());
  const auto link = read_answer(*response, from, to);
  if (link) known_.insert_or_assign(pair, Remembered{*link, now - age_of(*response)});
  co_return link;
}

}  // namespace plimsoll
