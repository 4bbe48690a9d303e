#include "web/web_server.h"

#include "core/json_writer.h"
#include "web/access.h"
#include "web/ui_files.h"

namespace plimsoll {
namespace {

constexpr std::string_view api_prefix = "/api/v1/";

HttpResponse error_response(unsigned status, std::string_view message) {
  JsonWriter json;
  json.begin_object().field("error", message).end_object();
  return json_response(json.take(), status);
}

std::string content_type(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "text/html; charset=utf-8";
}

HttpResponse page(std::string_view path) {
  const std::string_view name = path == "/" ? "index.html" : path.substr(1);
  const auto file = ui_file(name);
  if (!file) return error_response(404, "no such page");
  HttpResponse response;
  response.headers.emplace_back("Content-Type", content_type(name));
  response.body = std::string{*file};
  return response;
}

void add_security_headers(HttpResponse& response) {
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
      "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace

Task<HttpResponse> WebHandler::handle(HttpRequest request) {
  auto response = co_await answer(std::move(request));
  add_security_headers(response);
  co_return response;
}

Task<HttpResponse> WebHandler::answer(HttpRequest request) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (request.method != "GET" && request.method != "HEAD") {
    auto refused = error_response(405, "only GET");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    co_return refused;
  }
  if (token_.empty() && !is_for_localhost(request)) {
    co_return error_response(
        403, "served to localhost only; web.token_file lets it be served under another name");
  }
  if (path == "/healthz") co_return text_response("ok");
  if (path.starts_with(api_prefix)) co_return co_await api(std::move(request), path);
  co_return page(path);
}

Task<HttpResponse> WebHandler::api(HttpRequest request, std::string path) {
  if (!has_token(request, token_)) {
    auto refused = error_response(401, "the token of web.token_file is asked for");
    refused.headers.emplace_back("WWW-Authenticate", "Bearer");
    co_return refused;
  }
  if (path != "/api/v1/fleet") co_return error_response(404, "no such resource");
  auto json = co_await fleet_->fleet_json();
  if (!json) co_return error_response(503, json.error().message);
  co_return json_response(std::move(*json));
}

Result<std::unique_ptr<HttpServer>> start_web(const asio::any_io_executor& executor,
                                              const WebConfig& config,
                                              std::shared_ptr<FleetSource> fleet) {
  if (!is_loopback(config.listen) && config.token.empty()) {
    return Error{Errc::invalid, "web.listen: '" + config.listen +
                                    "' is reached by other machines, which needs web.token_file"};
  }
  HttpServerConfig http;
  http.listen = config.listen;
  auto handler = std::make_shared<WebHandler>(config.token, std::move(fleet));
  auto server = HttpServer::start(executor, std::move(http), std::move(handler));
  if (!server) return server.error().in("web.listen");
  return server;
}

}  // namespace plimsoll
