#include "monitor/monitor_server.h"

#include "core/json_writer.h"
#include "runtime/secret_file.h"

namespace plimsoll {
namespace {

void put_host(JsonWriter& json, const Monitor::HostEntry& entry) {
  const auto& [host, status] = entry;
  json.begin_object().field("name", host.name.str());
  json.field("address", host.address).field("port", host.port).key("up");
  status.polled ? json.value(status.up) : json.null();
  json.field("error_class", status.error_class).field("error", status.error);
  json.field("failures", status.failures).field("passed_over", status.to_skip);
  json.key("last_seen");
  status.last_seen ? json.value(format_rfc3339(*status.last_seen)) : json.null();
  json.key("clock_skew_s");
  status.skew ? json.value(status.skew->ahead_s) : json.null();
  json.key("clock_skew_uncertainty_s");
  status.skew ? json.value(status.skew->uncertainty_s) : json.null();
  json.end_object();
}

class MonitorHandler final : public HttpHandler {
 public:
  MonitorHandler(const Monitor& monitor, Secret token)
      : monitor_(monitor), token_(std::move(token)) {}

  Task<HttpResponse> handle(HttpRequest request) override { co_return answer(request); }

 private:
  [[nodiscard]] HttpResponse answer(const HttpRequest& request) const {
    const std::string_view path =
        std::string_view{request.target}.substr(0, request.target.find('?'));
    if (request.method != "GET" && request.method != "HEAD") {
      return text_response("this path knows GET only", 405);
    }
    if (path == "/healthz") return text_response("ok");
    if (!may_read(request))
      return text_response("monitor.listen_token_file's token is needed", 401);
    if (path == "/metrics") return metrics();
    if (path == "/v1/hosts") return json_response(render_monitor_hosts(monitor_));
    return text_response("no such path; /metrics and /v1/hosts are there", 404);
  }

  [[nodiscard]] bool may_read(const HttpRequest& request) const {
    return token_.empty() || token_.matches(bearer_token(request));
  }

  [[nodiscard]] HttpResponse metrics() const {
    HttpResponse response;
    response.headers.emplace_back("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = render_monitor_metrics(monitor_.counters());
    return response;
  }

  const Monitor& monitor_;
  Secret token_;
};

}  // namespace

std::string render_monitor_hosts(const Monitor& monitor) {
  JsonWriter json;
  json.begin_object().key("hosts").begin_array();
  for (const auto& entry : monitor.hosts()) put_host(json, entry);
  json.end_array().end_object();
  return json.take();
}

Result<std::unique_ptr<HttpServer>> start_monitor_server(const asio::any_io_executor& executor,
                                                         const MonitorConfig& config,
                                                         const Monitor& monitor) {
  HttpServerConfig server;
  server.listen = config.listen;
  server.connections_max = 64;
  auto handler = std::make_shared<MonitorHandler>(monitor, config.listen_token);
  auto started = HttpServer::start(executor, server, std::move(handler));
  if (!started) return started.error().in("monitor.listen");
  return started;
}

}  // namespace plimsoll
