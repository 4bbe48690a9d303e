#include "hand/gate.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/json_writer.h"
#include "hand/gate_request.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

using asio::as_tuple;
using asio::use_awaitable;
using UnixSocket = asio::local::stream_protocol::socket;
using ErrorCode = boost::system::error_code;

constexpr std::size_t chunk_bytes = 64U << 10;
constexpr std::size_t connections_max = 64;

std::string answer_409(const Error& error) {
  JsonWriter json;
  json.begin_object().field("message", error.message).end_object();
  const auto body = json.take();
  return fmt::format(
      "HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      body.size(), body);
}

/// One client's connection and the engine's that belongs to it.
class GateConnection {
 public:
  GateConnection(UnixSocket client, const GateConfig& config)
      : client_(std::move(client)),
        engine_(client_.get_executor()),
        fence_(config.state),
        order_(config.order),
        docker_(config.docker.unix_path) {}

  /// Both ways, until both sides have ended.
  Task<> run() {
    using namespace asio::experimental::awaitable_operators;
    const asio::local::stream_protocol::endpoint there{docker_};
    const auto [error] = co_await engine_.async_connect(there, as_tuple(use_awaitable));
    if (error) co_return;
    engine_.non_blocking(true);
    auto both = to_engine() && to_client();
    co_await std::move(both);
  }

 private:
  Task<> to_engine() {
    std::string chunk(chunk_bytes, '\0');
    for (;;) {
      const auto [error, n] =
          co_await client_.async_read_some(asio::buffer(chunk), as_tuple(use_awaitable));
      if (error) break;
      auto piece = chunk.substr(0, n);
      const bool between = !client_spoke_last_ && begins_request(piece);
      client_spoke_last_ = true;
      const auto passed = co_await pass(std::move(piece));
      if (!passed) {
        co_await refuse(passed.error(), between || !order_);
        co_return;
      }
    }
    ErrorCode ignored;
    engine_.shutdown(UnixSocket::shutdown_send, ignored);
  }

  Task<> to_client() {
    std::string chunk(chunk_bytes, '\0');
    for (;;) {
      const auto [error, n] =
          co_await engine_.async_read_some(asio::buffer(chunk), as_tuple(use_awaitable));
      if (error) break;
      client_spoke_last_ = false;
      const auto [failed, written] = co_await asio::async_write(
          client_, asio::buffer(chunk.data(), n), as_tuple(use_awaitable));
      if (failed) break;
    }
    close();
  }

  Task<Result<void>> pass(std::string piece) {
    if (!order_) {
      auto heads = look_.feed(piece);
      if (!heads) co_return heads.error();
      piece = std::move(*heads);
    }
    std::string_view rest{piece};
    while (!rest.empty()) {
      const auto n = write_while_current(rest);
      if (!n) co_return n.error();
      rest.remove_prefix(*n);
      if (rest.empty()) break;
      const auto [error] =
          co_await engine_.async_wait(UnixSocket::wait_write, as_tuple(use_awaitable));
      if (error) co_return Error{Errc::io, "the engine: " + error.message()};
    }
    co_return Result<void>{};
  }

  /// As much as the engine's socket takes at once, under the fence's lock: a newer order is
  /// admitted before or after these bytes, never between the question and the deed.
  Result<std::size_t> write_while_current(std::string_view bytes) {
    std::optional<FileLock> lock;
    if (order_) {
      auto held = fence_.hold(*order_);
      if (!held) return held.error();
      lock.emplace(std::move(*held));
    }
    ErrorCode error;
    const auto n = engine_.write_some(asio::buffer(bytes), error);
    if (error == asio::error::would_block) return std::size_t{0};
    if (error) return Error{Errc::io, "the engine: " + error.message()};
    return n;
  }

  Task<> refuse(Error error, bool answer) {
    if (answer && error.code != Errc::io) {
      const auto text = answer_409(error);
      const auto [failed, written] =
          co_await asio::async_write(client_, asio::buffer(text), as_tuple(use_awaitable));
      (void)failed;
    }
    close();
  }

  void close() {
    ErrorCode ignored;
    client_.close(ignored);
    engine_.close(ignored);
  }

  UnixSocket client_;
  UnixSocket engine_;
  Fence fence_;
  std::optional<Order> order_;
  std::string docker_;
  LookFilter look_;
  bool client_spoke_last_ = false;
};

Task<> serve_connection(std::shared_ptr<GateConnection> connection,
                        std::shared_ptr<std::size_t> open) {
  ++*open;
  co_await connection->run();
  --*open;
}

Result<void> listen_on(asio::local::stream_protocol::acceptor* acceptor, const GateConfig& config) {
  std::error_code gone;
  std::filesystem::remove(config.socket, gone);
  ErrorCode error;
  acceptor->open(asio::local::stream_protocol{}, error);
  const auto before = ::umask(0177);
  if (!error) acceptor->bind(asio::local::stream_protocol::endpoint{config.socket.string()}, error);
  ::umask(before);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return Error{Errc::io, config.socket.string() + ": " + error.message()};
  if (config.user && ::chown(config.socket.c_str(), *config.user, static_cast<gid_t>(-1)) != 0) {
    return Error{Errc::io, config.socket.string() + ": " + std::generic_category().message(errno)};
  }
  return {};
}

/// Removes the socket, however the gate ends.
struct SocketFile {
  std::filesystem::path path;
  explicit SocketFile(std::filesystem::path where) : path(std::move(where)) {}
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;
  ~SocketFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

}  // namespace

Task<Result<void>> run_gate(GateConfig config, std::function<void()> ready) {
  const auto executor = co_await asio::this_coro::executor;
  asio::local::stream_protocol::acceptor acceptor{executor};
  const auto listening = listen_on(&acceptor, config);
  if (!listening) co_return listening.error();
  const SocketFile file{config.socket};
  ready();
  auto open = std::make_shared<std::size_t>(0);
  for (;;) {
    auto [error, client] = co_await acceptor.async_accept(as_tuple(use_awaitable));
    if (error == asio::error::operation_aborted) co_return Result<void>{};
    if (error) {
      // No room for another connection now, or it was gone already.
      const bool slept = co_await sleep_for(Duration{20});
      if (!slept) co_return Result<void>{};
      continue;
    }
    if (*open >= connections_max) continue;
    auto connection = std::make_shared<GateConnection>(std::move(client), config);
    asio::co_spawn(executor, serve_connection(std::move(connection), open), asio::detached);
  }
}

}  // namespace plimsoll
