#pragma once

#include <memory>
#include <string>

#include "runtime/http_server.h"
#include "web/store_fleet_source.h"
#include "web/web_config.h"

namespace plimsoll {

/// Answers GET /, /style.css, /app.js (the page, without any data), /healthz, and under /api/v1
/// what asks for the token: /fleet. Without a token only requests to localhost are answered.
class WebHandler final : public HttpHandler {
 public:
  WebHandler(Secret token, std::shared_ptr<FleetSource> fleet)
      : token_(std::move(token)), fleet_(std::move(fleet)) {}

  Task<HttpResponse> handle(HttpRequest request) override;

 private:
  Task<HttpResponse> api(HttpRequest request, std::string path);
  Task<HttpResponse> answer(HttpRequest request);

  Secret token_;
  std::shared_ptr<FleetSource> fleet_;
};

/// Starts the page's server.
/// Errors: as HttpServer::start; invalid - an address that others reach, without a token.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> start_web(const asio::any_io_executor& executor,
                                                            const WebConfig& config,
                                                            std::shared_ptr<FleetSource> fleet);

}  // namespace plimsoll
