#include "runtime/http_server.h"

#include <fmt/format.h>

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "core/text.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::as_tuple;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

Result<tcp::endpoint> parse_listen(const std::string& listen) {
  const auto fail = [&] {
    return Error{Errc::invalid,
                 fmt::format("'{}' is not ADDRESS:PORT (such as 0.0.0.0:5002)", listen)};
  };
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return fail();
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port = parse_number<std::uint16_t>(std::string_view{listen}.substr(colon + 1));
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error || !port) return fail();
  return tcp::endpoint{address, *port};
}

HttpRequest to_request(Parser& parser, const std::string& peer) {
  auto& message = parser.get();
  HttpRequest request;
  request.method = std::string{message.method_string()};
  request.target = std::string{message.target()};
  for (const auto& field : message) {
    request.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  }
  request.body = std::move(message.body());
  request.peer = peer;
  return request;
}

http::response<http::string_body> to_message(HttpResponse response, unsigned version,
                                             bool keep_alive) {
  http::response<http::string_body> message{static_cast<http::status>(response.status), version};
  message.set(http::field::server, "plimsoll");
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

/// What to tell a client whose request could not be read; nothing where it just went away.
std::optional<HttpResponse> refusal(error_code error) {
  if (error == http::error::body_limit) return text_response("request body too large", 413);
  if (error == http::error::header_limit) return text_response("request header too large", 431);
  const bool not_http = error.category() == make_error_code(http::error::bad_version).category();
  if (!not_http || error == http::error::end_of_stream || error == http::error::partial_message) {
    return std::nullopt;
  }
  return text_response("malformed request", 400);
}

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, HttpServerConfig config,
       std::shared_ptr<HttpHandler> handler)
      : acceptor_(executor),
        slot_free_(executor),
        config_(std::move(config)),
        handler_(std::move(handler)) {}

  Result<void> open();
  void start() {
    asio::co_spawn(acceptor_.get_executor(), accept_loop(shared_from_this()), asio::detached);
  }
  void stop();
  [[nodiscard]] tcp::endpoint endpoint() const { return bound_; }

 private:
  static Task<> accept_loop(std::shared_ptr<Impl> self);
  static Task<> serve(std::shared_ptr<Impl> self, std::shared_ptr<beast::tcp_stream> stream);
  static Task<> converse(std::shared_ptr<Impl> self, std::shared_ptr<beast::tcp_stream> stream);
  static Task<HttpResponse> answer(std::shared_ptr<Impl> self, HttpRequest request);

  tcp::acceptor acceptor_;
  asio::steady_timer slot_free_;
  HttpServerConfig config_;
  std::shared_ptr<HttpHandler> handler_;
  tcp::endpoint bound_;
  std::size_t connections_ = 0;
  std::vector<std::weak_ptr<beast::tcp_stream>> open_;
  bool stopped_ = false;
};

Result<void> HttpServer::Impl::open() {
  const auto endpoint = parse_listen(config_.listen);
  if (!endpoint) return endpoint.error();
  error_code error;
  const auto step = [&](const auto& act) {
    if (!error) act();
  };
  step([&] { acceptor_.open(endpoint->protocol(), error); });
  step([&] { acceptor_.set_option(asio::socket_base::reuse_address{true}, error); });
  step([&] { acceptor_.bind(*endpoint, error); });
  step([&] { acceptor_.listen(asio::socket_base::max_listen_connections, error); });
  if (error == asio::error::address_in_use) {
    return Error{Errc::conflict, config_.listen + ": the port is in use by another program"};
  }
  if (error) return Error{Errc::io, config_.listen + ": cannot listen: " + error.message()};
  bound_ = acceptor_.local_endpoint();
  return {};
}

void HttpServer::Impl::stop() {
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  slot_free_.cancel();
  for (const auto& weak : open_) {
    if (const auto stream = weak.lock()) stream->close();
  }
}

Task<> HttpServer::Impl::accept_loop(std::shared_ptr<Impl> self) {
  while (!self->stopped_) {
    if (self->connections_ >= self->config_.connections_max) {
      self->slot_free_.expires_at(asio::steady_timer::time_point::max());
      co_await self->slot_free_.async_wait(as_tuple(use_awaitable));
      continue;
    }
    auto [error, socket] = co_await self->acceptor_.async_accept(as_tuple(use_awaitable));
    if (self->stopped_) co_return;
    if (error) {
      // Out of descriptors, most likely: give the open connections time to end.
      self->slot_free_.expires_after(Duration{100});
      co_await self->slot_free_.async_wait(as_tuple(use_awaitable));
      continue;
    }
    auto stream = std::make_shared<beast::tcp_stream>(std::move(socket));
    std::erase_if(self->open_, [](const auto& weak) { return weak.expired(); });
    self->open_.push_back(stream);
    ++self->connections_;
    asio::co_spawn(self->acceptor_.get_executor(), serve(self, stream), asio::detached);
  }
}

Task<> HttpServer::Impl::serve(std::shared_ptr<Impl> self,
                               std::shared_ptr<beast::tcp_stream> stream) {
  co_await converse(self, stream);
  error_code ignored;
  stream->socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream->close();
  --self->connections_;
  self->slot_free_.cancel();
}

Task<> HttpServer::Impl::converse(std::shared_ptr<Impl> self,
                                  std::shared_ptr<beast::tcp_stream> stream) {
  error_code no_peer;
  const std::string peer = stream->socket().remote_endpoint(no_peer).address().to_string();
  stream->socket().set_option(tcp::no_delay{true}, no_peer);
  beast::flat_buffer buffer;
  while (!self->stopped_) {
    Parser parser;
    parser.body_limit(self->config_.body_bytes_max);
    parser.header_limit(static_cast<std::uint32_t>(self->config_.header_bytes_max));
    stream->expires_after(self->config_.idle_timeout);
    const auto [error, n] =
        co_await http::async_read(*stream, buffer, parser, as_tuple(use_awaitable));
    HttpResponse response;
    const bool keep_alive = !error && parser.get().keep_alive();
    const bool head = !error && parser.get().method() == http::verb::head;
    if (error) {
      auto refused = refusal(error);
      if (!refused) co_return;
      response = std::move(*refused);
    } else {
      // The handler keeps its own deadlines; the client's silence meanwhile is no fault.
      stream->expires_never();
      auto request = to_request(parser, peer);
      response = co_await answer(self, std::move(request));
    }
    auto message = to_message(std::move(response), 11, keep_alive);
    if (head) message.body().clear();
    stream->expires_after(self->config_.idle_timeout);
    const auto [write_error, written] =
        co_await http::async_write(*stream, message, as_tuple(use_awaitable));
    if (write_error || !keep_alive) co_return;
  }
}

Task<HttpResponse> HttpServer::Impl::answer(std::shared_ptr<Impl> self, HttpRequest request) {
  const std::string what = request.method + " " + request.target;
  try {
    co_return co_await self->handler_->handle(std::move(request));
  } catch (const std::exception& error) {
    log::error("{}: {}", what, error.what());
  }
  co_return text_response("internal error", 500);
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { impl_->stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(const asio::any_io_executor& executor,
                                                      HttpServerConfig config,
                                                      std::shared_ptr<HttpHandler> handler) {
  auto impl = std::make_shared<Impl>(executor, std::move(config), std::move(handler));
  if (auto opened = impl->open(); !opened) return opened.error();
  impl->start();
  return std::unique_ptr<HttpServer>{new HttpServer{std::move(impl)}};
}

std::uint16_t HttpServer::port() const { return impl_->endpoint().port(); }

std::string HttpServer::address() const {
  const auto endpoint = impl_->endpoint();
  return fmt::format(fmt::runtime(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"),
                     endpoint.address().to_string(), endpoint.port());
}

}  // namespace plimsoll
