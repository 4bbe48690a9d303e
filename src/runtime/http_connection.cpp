#include "runtime/http_connection.h"

#include <sys/socket.h>

#include <array>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <iterator>
#include <map>
#include <string_view>

#include "runtime/log.h"

namespace plimsoll {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::as_tuple;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::buffer_body>;

constexpr std::size_t first_read_bytes = 2U << 10;
constexpr std::size_t body_read_bytes = 32U << 10;
/// What a refused client may still send before its connection is closed: closed at once, it might
/// not get to read why.
constexpr std::size_t drain_bytes_max = 4U << 20;
constexpr std::chrono::seconds drain_time_max{2};
constexpr std::string_view speak_tls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Connection: close\r\nContent-Length: 41\r\n\r\nthis port speaks TLS only: use https://\r\n";

HttpRequest head_of(const Parser& parser, const std::string& peer) {
  const auto& message = parser.get();
  HttpRequest request;
  request.method = std::string{message.method_string()};
  request.target = std::string{message.target()};
  for (const auto& field : message) {
    request.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  }
  request.peer = peer;
  return request;
}

/// One encoding, and one that we undo: others would hide where the body ends from us or from
/// whoever stands between, which is how requests are smuggled (RFC 9112, 6.1 and 11.2).
bool is_framed_clearly(const http::fields& fields) {
  const auto [first, end] = fields.equal_range(http::field::transfer_encoding);
  if (first == end) return true;
  return std::next(first) == end && beast::iequals(first->value(), "chunked");
}

http::response<http::string_body> to_message(HttpResponse response, bool keep_alive) {
  http::response<http::string_body> message{static_cast<http::status>(response.status), 11};
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

/// One request and its answer.
struct HttpConnection::Exchange {
  Parser parser;
  HttpRequest request;
  Admission admission;
  std::optional<HttpResponse> response;
  bool read_whole = false;
};

class HttpConnection::Impl {
 public:
  Impl(NetStream::Socket socket, std::string peer, const HttpServerConfig& config,
       std::shared_ptr<HttpHandler> handler)
      : stream_(std::move(socket)),
        peer_(std::move(peer)),
        config_(config),
        handler_(std::move(handler)) {}

  Task<> run();
  void use_tls(std::unique_ptr<TlsSession> tls) { stream_.use_tls(std::move(tls)); }
  void close() { stream_.close(); }
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] std::optional<Clock::time_point> waiting_since() const { return waiting_since_; }

 private:
  Task<bool> agree_on_tls();
  Task<bool> converse_once();
  Task<bool> wait_for_request();
  Task<error_code> read_request(Exchange* exchange);
  Task<error_code> read_body(Exchange* exchange);
  Task<error_code> read_some_body(Exchange* exchange, char* chunk, std::size_t bytes);
  Task<> allow_body(const Exchange* exchange);
  Admission admit(const HttpRequest& head, Admission usual);
  Task<HttpResponse> answer(HttpRequest request);
  Task<bool> write(HttpResponse response, bool keep_alive, bool head);
  Task<> drain();
  void refuse_plain();

  NetStream stream_;
  std::string peer_;
  const HttpServerConfig& config_;
  std::shared_ptr<HttpHandler> handler_;
  beast::flat_buffer buffer_;
  std::optional<Clock::time_point> waiting_since_ = Clock::now();
};

/// Best effort: what is there is read and thrown away, or the answer would be lost in a reset.
void HttpConnection::Impl::refuse_plain() {
  const int fd = stream_.socket().native_handle();
  std::array<char, 4096> rest{};
  while (::recv(fd, rest.data(), rest.size(), MSG_DONTWAIT) > 0) {
  }
  static_cast<void>(::send(fd, speak_tls.data(), speak_tls.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

Task<bool> HttpConnection::Impl::agree_on_tls() {
  stream_.expires_after(config_.request_timeout);
  const auto [error] = co_await stream_.async_handshake(as_tuple(use_awaitable));
  if (!error) co_return true;
  if (stream_.is_plain_peer()) refuse_plain();
  log::debug("{}: no TLS: {}", peer_, stream_.tls_problem());
  co_return false;
}

/// Its first bytes; apart from the rest, since a client may be silent longer than it may dawdle.
Task<bool> HttpConnection::Impl::wait_for_request() {
  waiting_since_ = Clock::now();
  if (buffer_.size() > 0) co_return true;
  buffer_.shrink_to_fit();
  stream_.expires_after(config_.idle_timeout);
  const auto into = buffer_.prepare(first_read_bytes);
  const auto [error, n] = co_await stream_.async_read_some(into, as_tuple(use_awaitable));
  if (error) co_return false;
  buffer_.commit(n);
  co_return true;
}

/// curl and others wait to be asked for a long body.
Task<> HttpConnection::Impl::allow_body(const Exchange* exchange) {
  const auto& fields = exchange->parser.get();
  if (!beast::iequals(fields[http::field::expect], "100-continue")) co_return;
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  co_await asio::async_write(stream_, asio::buffer(go_on), as_tuple(use_awaitable));
}

Task<error_code> HttpConnection::Impl::read_some_body(Exchange* exchange, char* chunk,
                                                      std::size_t bytes) {
  auto& body = exchange->parser.get().body();
  body.data = chunk;
  body.size = bytes;
  const auto [error, n] =
      co_await http::async_read_some(stream_, buffer_, exchange->parser, as_tuple(use_awaitable));
  if (error && error != http::error::need_buffer) co_return error;
  const std::string_view got{chunk, bytes - body.size};
  auto& request = exchange->request;
  request.body_bytes += got.size();
  if (request.body_bytes > exchange->admission.body_bytes_max) co_return http::error::body_limit;
  if (!exchange->admission.discard_body) request.body += got;
  co_return error_code{};
}

Task<error_code> HttpConnection::Impl::read_body(Exchange* exchange) {
  const auto length = exchange->parser.content_length();
  if (length && *length > exchange->admission.body_bytes_max) co_return http::error::body_limit;
  co_await allow_body(exchange);
  // Beast reads no more at once than the buffer has room for.
  buffer_.reserve(body_read_bytes);
  const auto chunk = std::make_unique_for_overwrite<char[]>(body_read_bytes);
  while (!exchange->parser.is_done()) {
    const auto error = co_await read_some_body(exchange, chunk.get(), body_read_bytes);
    if (error) co_return error;
  }
  co_return error_code{};
}

Task<error_code> HttpConnection::Impl::read_request(Exchange* exchange) {
  auto& parser = exchange->parser;
  parser.body_limit(boost::none);
  parser.header_limit(static_cast<std::uint32_t>(config_.header_bytes_max));
  stream_.expires_after(config_.request_timeout);
  const auto [error, n] =
      co_await http::async_read_header(stream_, buffer_, parser, as_tuple(use_awaitable));
  if (error) co_return error;
  if (!is_framed_clearly(parser.get())) co_return http::error::bad_transfer_encoding;
  exchange->request = head_of(parser, peer_);
  Admission usual;
  usual.body_bytes_max = config_.body_bytes_max;
  exchange->admission = admit(exchange->request, std::move(usual));
  exchange->response = std::move(exchange->admission.refusal);
  if (!exchange->response && !parser.is_done()) {
    const auto body_error = co_await read_body(exchange);
    if (body_error) co_return body_error;
  }
  exchange->read_whole = parser.is_done();
  co_return error_code{};
}

Admission HttpConnection::Impl::admit(const HttpRequest& head, Admission usual) {
  try {
    return handler_->admit(head, std::move(usual));
  } catch (const std::exception& error) {
    log::error("{} {}: {}", head.method, head.target, error.what());
  }
  Admission refused;
  refused.refusal = text_response("internal error", 500);
  return refused;
}

Task<HttpResponse> HttpConnection::Impl::answer(HttpRequest request) {
  const std::string what = request.method + " " + request.target;
  try {
    co_return co_await handler_->handle(std::move(request));
  } catch (const std::exception& error) {
    log::error("{}: {}", what, error.what());
  }
  co_return text_response("internal error", 500);
}

Task<bool> HttpConnection::Impl::write(HttpResponse response, bool keep_alive, bool head) {
  auto message = to_message(std::move(response), keep_alive);
  waiting_since_ = Clock::now();  // For the client, which may never take it.
  if (head) message.body().clear();
  stream_.expires_after(config_.answer_timeout);
  const auto [error, n] = co_await http::async_write(stream_, message, as_tuple(use_awaitable));
  co_return !error;
}

Task<> HttpConnection::Impl::drain() {
  error_code ignored;
  if (!stream_.is_tls()) stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.expires_after(drain_time_max);
  const auto chunk = std::make_unique_for_overwrite<char[]>(body_read_bytes);
  const auto into = asio::buffer(chunk.get(), body_read_bytes);
  for (std::size_t total = 0; total < drain_bytes_max;) {
    const auto [error, n] = co_await stream_.async_read_some(into, as_tuple(use_awaitable));
    if (error) co_return;
    total += n;
  }
}

/// Whether the connection goes on.
Task<bool> HttpConnection::Impl::converse_once() {
  const bool begun = co_await wait_for_request();
  if (!begun) co_return false;
  Exchange exchange;
  const auto error = co_await read_request(&exchange);
  if (error) exchange.response = refusal(error);
  if (error && !exchange.response) co_return false;
  const auto& head = exchange.parser.get();
  const bool keep_alive = exchange.read_whole && head.keep_alive();
  if (!exchange.response) {
    waiting_since_.reset();
    // The handler keeps its own deadlines; the client's silence meanwhile is no fault.
    stream_.expires_never();
    exchange.response = co_await answer(std::move(exchange.request));
  }
  const bool is_head = head.method() == http::verb::head;
  const bool written = co_await write(std::move(*exchange.response), keep_alive, is_head);
  if (written && !exchange.read_whole) {
    waiting_since_ = Clock::now();
    co_await drain();
  }
  co_return written&& keep_alive;
}

Task<> HttpConnection::Impl::run() {
  if (stream_.is_tls()) {
    const bool agreed = co_await agree_on_tls();
    if (!agreed) {
      close();
      co_return;
    }
  }
  bool goes_on = true;
  while (goes_on) goes_on = co_await converse_once();
  error_code ignored;
  if (!stream_.is_tls()) stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  close();
}

HttpConnection::HttpConnection(NetStream::Socket socket, std::string peer,
                               const HttpServerConfig& config, std::shared_ptr<HttpHandler> handler,
                               std::unique_ptr<TlsSession> tls)
    : impl_(
          std::make_unique<Impl>(std::move(socket), std::move(peer), config, std::move(handler))) {
  if (tls) impl_->use_tls(std::move(tls));
}
HttpConnection::~HttpConnection() = default;

Task<> HttpConnection::run() { return impl_->run(); }

void HttpConnection::close() { impl_->close(); }

const std::string& HttpConnection::peer() const { return impl_->peer(); }

std::optional<HttpConnection::Clock::time_point> HttpConnection::waiting_since() const {
  return impl_->waiting_since();
}

std::optional<std::size_t> connection_to_close(const std::vector<ConnectionState>& connections) {
  std::map<std::string_view, std::size_t> count;
  for (const auto& connection : connections) ++count[connection.peer];
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const auto& candidate = connections[i];
    if (!candidate.waiting_since) continue;
    if (!chosen) {
      chosen = i;
      continue;
    }
    const auto& best = connections[*chosen];
    const auto more = count[candidate.peer] <=> count[best.peer];
    if (more > 0 || (more == 0 && candidate.waiting_since < best.waiting_since)) chosen = i;
  }
  return chosen;
}

}  // namespace plimsoll
