// The HTTP client, as an agent, a store or a Docker engine may answer it: the input is all that the
// server sends before it hangs up.
#include <filesystem>
#include <optional>

#include "fuzz.h"
#include "runtime/http_client.h"

namespace plimsoll::fuzz {
namespace {

constexpr std::size_t body_bytes_max = 4096;

/// A server on a Unix socket that says one thing to whoever comes.
class Answerer {
 public:
  Answerer() : acceptor_(context, endpoint()) {}

  asio::io_context context;

  Task<> answer(std::string text) {
    auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(text), ignored);
    socket.shutdown(asio::socket_base::shutdown_send, ignored);
    last_.emplace(std::move(socket));
  }

  static std::string path() { return "/tmp/plimsoll-fuzz-" + std::to_string(::getpid()); }

 private:
  static asio::local::stream_protocol::endpoint endpoint() {
    std::filesystem::remove(path());
    return {path()};
  }

  asio::local::stream_protocol::acceptor acceptor_;
  std::optional<asio::local::stream_protocol::socket> last_;
};

Result<HttpResponse> response_to(std::string_view text) {
  static Answerer server;
  HttpTarget target;
  target.unix_path = Answerer::path();
  HttpLimits limits;
  limits.body_bytes_max = body_bytes_max;
  limits.header_bytes_max = body_bytes_max;
  HttpClient client{server.context.get_executor(), target, limits};
  std::optional<Result<HttpResponse>> response;
  server.context.restart();
  asio::co_spawn(server.context, server.answer(std::string{text}), asio::detached);
  asio::co_spawn(server.context, client.send(HttpRequest{}, Duration{2'000}),
                 [&](const std::exception_ptr& failure, Result<HttpResponse> got) {
                   require(failure == nullptr, "an exception left the client");
                   response.emplace(std::move(got));
                   server.context.stop();
                 });
  server.context.run_for(std::chrono::seconds{5});
  require(response.has_value(), "the client never comes back");
  return std::move(*response);
}

void check(std::string_view text) {
  const auto response = response_to(text);
  if (!response) {
    require(response.error().code != Errc::timeout, "waits for a server that hung up");
    return require_place(response.error(), Answerer::path());
  }
  require(response->status <= 999, "a status that is none");
  require(response->body.size() <= body_bytes_max, "a body longer than its bound");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
