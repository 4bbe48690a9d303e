// The HTTP server, as whoever reaches an agent's or the page's port may talk to it: the input is
// all that a client sends before it hangs up.
#include <sys/socket.h>

#include <array>

#include "fuzz.h"
#include "runtime/http_connection.h"

namespace plimsoll::fuzz {
namespace {

constexpr std::size_t body_bytes_max = 4096;

class Handler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    require(request.body.size() <= body_bytes_max, "a body longer than its bound");
    require(!request.method.empty() && !request.target.empty(), "a request for nothing");
    for (const auto& [name, value] : request.headers) {
      require(value.find_first_of("\r\n") == std::string::npos, "a header of two lines");
    }
    co_return text_response(request.target + "\n");
  }
};

/// All that comes back: whole answers or nothing.
std::string answers_to(std::string_view text) {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "no socket pair");
  static_cast<void>(::send(ends[1], text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  ::shutdown(ends[1], SHUT_WR);
  asio::io_context context;
  HttpServerConfig config;
  config.body_bytes_max = body_bytes_max;
  NetStream::Socket socket{context, asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]};
  {
    HttpConnection connection{std::move(socket), "fuzz", config, std::make_shared<Handler>(),
                              nullptr};
    bool ended = false;
    asio::co_spawn(context, connection.run(), [&](const std::exception_ptr& failure) {
      require(failure == nullptr, "an exception left the connection");
      ended = true;
    });
    context.run_for(std::chrono::seconds{2});
    require(ended, "a client that hung up is still talked to");
  }
  std::string out(64U << 10, '\0');
  const auto n = ::recv(ends[1], out.data(), out.size(), MSG_DONTWAIT);
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  ::close(ends[1]);
  return out;
}

void check(std::string_view text) {
  const auto answers = answers_to(text);
  require(answers.empty() || answers.starts_with("HTTP/1.1 "), "an answer that is no HTTP");
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
