#include "runtime/http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/text.h"
#include "runtime/http_connection.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

using asio::as_tuple;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using ConnectionPtr = std::shared_ptr<HttpConnection>;

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

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, HttpServerConfig config,
       std::shared_ptr<HttpHandler> handler)
      : acceptor_(executor),
        slot_free_(executor),
        next_look_(executor),
        config_(std::move(config)),
        handler_(std::move(handler)) {}

  Result<void> open();
  void start();
  void stop();
  [[nodiscard]] tcp::endpoint endpoint() const { return bound_; }

 private:
  static Task<> accept_loop(std::shared_ptr<Impl> self);
  static Task<> follow_files(std::shared_ptr<Impl> self);
  static Task<> serve(std::shared_ptr<Impl> self, ConnectionPtr connection);
  [[nodiscard]] Result<ConnectionPtr> welcome(tcp::socket socket) const;
  void make_room();

  tcp::acceptor acceptor_;
  asio::steady_timer slot_free_;
  asio::steady_timer next_look_;
  HttpServerConfig config_;
  std::shared_ptr<HttpHandler> handler_;
  std::shared_ptr<TlsIdentity> identity_;
  tcp::endpoint bound_;
  std::vector<ConnectionPtr> open_;
  bool stopped_ = false;
};

void HttpServer::Impl::start() {
  const auto executor = acceptor_.get_executor();
  asio::co_spawn(executor, accept_loop(shared_from_this()), asio::detached);
  if (identity_) asio::co_spawn(executor, follow_files(shared_from_this()), asio::detached);
}

Result<void> HttpServer::Impl::open() {
  const auto endpoint = parse_listen(config_.listen);
  if (!endpoint) return endpoint.error();
  if (!config_.tls_cert.empty()) {
    auto identity = TlsIdentity::load(config_.tls_cert, config_.tls_key);
    if (!identity) return identity.error();
    identity_ = std::move(*identity);
  }
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
  next_look_.cancel();
  for (const auto& connection : open_) connection->close();
}

Task<> HttpServer::Impl::follow_files(std::shared_ptr<Impl> self) {
  while (!self->stopped_) {
    self->next_look_.expires_after(self->config_.follow_files_every);
    co_await self->next_look_.async_wait(as_tuple(use_awaitable));
    if (!self->stopped_) self->identity_->refresh();
  }
}

/// The connection leaves when its coroutine has seen that it is closed.
void HttpServer::Impl::make_room() {
  std::vector<ConnectionState> states;
  states.reserve(open_.size());
  for (const auto& connection : open_) {
    states.push_back({connection->peer(), connection->waiting_since()});
  }
  if (const auto victim = connection_to_close(states)) open_[*victim]->close();
}

Result<ConnectionPtr> HttpServer::Impl::welcome(tcp::socket socket) const {
  error_code ignored;
  std::string peer = socket.remote_endpoint(ignored).address().to_string();
  socket.set_option(tcp::no_delay{true}, ignored);
  std::unique_ptr<TlsSession> tls;
  if (identity_) {
    auto session = identity_->new_session();
    if (!session) return session.error();
    tls = std::move(*session);
  }
  return std::make_shared<HttpConnection>(NetStream::Socket{std::move(socket)}, std::move(peer),
                                          config_, handler_, std::move(tls));
}

Task<> HttpServer::Impl::accept_loop(std::shared_ptr<Impl> self) {
  while (!self->stopped_) {
    auto [error, socket] = co_await self->acceptor_.async_accept(as_tuple(use_awaitable));
    if (self->stopped_) co_return;
    if (error) {
      // Out of descriptors, most likely: give the open connections time to end.
      self->slot_free_.expires_after(Duration{100});
      co_await self->slot_free_.async_wait(as_tuple(use_awaitable));
      continue;
    }
    while (self->open_.size() >= self->config_.connections_max && !self->stopped_) {
      self->make_room();
      self->slot_free_.expires_at(asio::steady_timer::time_point::max());
      co_await self->slot_free_.async_wait(as_tuple(use_awaitable));
    }
    const auto connection = self->welcome(std::move(socket));
    if (!connection) continue;
    self->open_.push_back(*connection);
    asio::co_spawn(self->acceptor_.get_executor(), serve(self, *connection), asio::detached);
  }
}

Task<> HttpServer::Impl::serve(std::shared_ptr<Impl> self, ConnectionPtr connection) {
  co_await connection->run();
  std::erase(self->open_, connection);
  self->slot_free_.cancel();
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
