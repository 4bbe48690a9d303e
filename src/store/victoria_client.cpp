#include "store/victoria_client.h"

#include <fmt/format.h>

#include "store/gzip.h"

namespace plimsoll {
namespace {

HttpLimits at_most(std::size_t body_bytes) {
  HttpLimits limits;
  limits.body_bytes_max = body_bytes;
  return limits;
}

constexpr std::size_t write_answer_max = 1U << 20;
constexpr std::size_t read_answer_max = 64U << 20;

Error transport(const std::string& url, const Error& error) {
  if (error.code == Errc::too_large) {
    return {error.code, url + ": the answer is too long; ask for a shorter range"};
  }
  return {error.code, error.message + "; is VictoriaMetrics running there?"};
}

}  // namespace

VictoriaClient::VictoriaClient(const asio::any_io_executor& executor, VictoriaConfig config,
                               const HttpTarget& write_target, const HttpTarget& read_target)
    : config_(std::move(config)),
      writer_(executor, write_target, at_most(write_answer_max)),
      reader_(executor, read_target, at_most(read_answer_max)) {}

const std::string& VictoriaClient::read_url() const {
  return config_.read_url.empty() ? config_.url : config_.read_url;
}

HttpRequest VictoriaClient::post(std::string target, std::string body) const {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  auto login = authorization(config_.login, "Bearer");
  if (!login.empty()) request.headers.emplace_back("Authorization", std::move(login));
  return request;
}

Error VictoriaClient::failure(const std::string& url, const HttpResponse& response) const {
  const auto why = victoria_error_text(response.body);
  const unsigned status = response.status;
  if (status == 401 || status == 403) {
    return {Errc::unauthorized, fmt::format("{}: VictoriaMetrics says no ({} {}); {}", url, status,
                                            why, login_advice(config_.login))};
  }
  if (status >= 500 || status == 429) {
    return {Errc::unreachable, fmt::format("{}: VictoriaMetrics cannot answer now ({} {}), try "
                                           "again",
                                           url, status, why)};
  }
  const bool no_such_path = why.find("unsupported path") != std::string::npos;
  if ((status == 400 || status == 422) && !no_such_path) {
    return {Errc::refused, fmt::format("{}: VictoriaMetrics refused ({} {})", url, status, why)};
  }
  return {Errc::malformed, fmt::format("{}: answers {} where VictoriaMetrics would not; check "
                                       "store.url and store.read_url",
                                       url, status)};
}

Task<Result<void>> VictoriaClient::write(std::string lines) {
  auto request = post("/write?precision=ms&db=" + percent_encode(config_.database), gzip(lines));
  request.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  request.headers.emplace_back("Content-Encoding", "gzip");
  const auto response = co_await writer_.send(std::move(request), config_.timeout);
  if (!response) co_return transport(config_.url, response.error());
  // Any other web server would say 200, and nothing would be written.
  if (response->status != 204) co_return failure(config_.url, *response);
  co_return Result<void>{};
}

Task<Result<std::string>> VictoriaClient::read(VictoriaRequest request) {
  auto message = post(std::move(request.path), std::move(request.form));
  message.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  auto response = co_await reader_.send(std::move(message), config_.timeout);
  if (!response) co_return transport(read_url(), response.error());
  if (response->status != 200) co_return failure(read_url(), *response);
  co_return std::move(response->body);
}

}  // namespace plimsoll
