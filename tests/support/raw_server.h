#pragma once

#include <memory>
#include <string>

#include "runtime/asio.h"

namespace plimsoll {

/// Answers every connection with the same bytes, whatever was asked, then closes it or keeps
/// silent.
class RawServer {
 public:
  RawServer(asio::io_context& context, std::string answer, bool keep_open)
      : acceptor_(std::make_shared<asio::ip::tcp::acceptor>(
            context, asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), 0})) {
    asio::co_spawn(context, serve(acceptor_, std::move(answer), keep_open), asio::detached);
  }
  ~RawServer() {
    boost::system::error_code ignored;
    acceptor_->close(ignored);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return acceptor_->local_endpoint().port(); }

 private:
  using Acceptor = std::shared_ptr<asio::ip::tcp::acceptor>;
  using Socket = std::shared_ptr<asio::ip::tcp::socket>;

  static Task<> serve(Acceptor acceptor, std::string answer, bool keep_open) {
    for (;;) {
      auto [error, socket] = co_await acceptor->async_accept(asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      auto shared = std::make_shared<asio::ip::tcp::socket>(std::move(socket));
      asio::co_spawn(acceptor->get_executor(), talk(shared, answer, keep_open), asio::detached);
    }
  }

  static Task<> talk(Socket socket, std::string answer, bool keep_open) {
    std::string request(64U << 10, '\0');
    co_await socket->async_read_some(asio::buffer(request), asio::as_tuple(asio::use_awaitable));
    co_await asio::async_write(*socket, asio::buffer(answer), asio::as_tuple(asio::use_awaitable));
    if (!keep_open) co_return;
    for (;;) {
      const auto [error, n] = co_await socket->async_read_some(asio::buffer(request),
                                                               asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
    }
  }

  Acceptor acceptor_;
};

}  // namespace plimsoll
