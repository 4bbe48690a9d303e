#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/http_server.h"

namespace plimsoll::test {

/// An agent that answers as a test wants it, and notes what it was asked.
class FakeAgent final : public HttpHandler {
 public:
  using Answer = std::function<HttpResponse(const HttpRequest&)>;

  explicit FakeAgent(Answer answer) : answer_(std::move(answer)) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    asked.push_back(request.target);
    requests.push_back(request);
    co_return answer_(request);
  }

  std::vector<std::string> asked;
  std::vector<HttpRequest> requests;

 private:
  Answer answer_;
};

/// It, listening on a port of its own.
struct RunningAgent {
  std::shared_ptr<FakeAgent> agent;
  std::unique_ptr<HttpServer> server;

  RunningAgent(asio::io_context& context, FakeAgent::Answer answer)
      : agent(std::make_shared<FakeAgent>(std::move(answer))),
        server(std::move(HttpServer::start(context.get_executor(), {}, agent).value())) {}
  [[nodiscard]] std::uint16_t port() const { return server->port(); }
};

}  // namespace plimsoll::test
