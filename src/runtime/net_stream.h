#pragma once

#include <algorithm>
#include <boost/beast/core/error.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "runtime/asio.h"
#include "runtime/tls.h"

namespace plimsoll {

/// A socket, plain or under TLS, with a deadline: an operation that is under way when it passes
/// fails with beast::error::timeout, and the socket is closed. Without TLS it holds a socket and a
/// timer, no more. At most one read and one write at a time.
///
/// An AsyncReadStream and AsyncWriteStream of Asio's.
/// Thread: used from its executor only.
class NetStream {
 public:
  using Socket = asio::generic::stream_protocol::socket;
  using Endpoint = asio::generic::stream_protocol::endpoint;
  using executor_type = Socket::executor_type;
  using Clock = std::chrono::steady_clock;
  using ErrorCode = boost::system::error_code;

  explicit NetStream(const asio::any_io_executor& executor);
  explicit NetStream(Socket socket);
  ~NetStream();
  NetStream(const NetStream&) = delete;
  NetStream& operator=(const NetStream&) = delete;

  [[nodiscard]] executor_type get_executor() { return state_->socket.get_executor(); }
  [[nodiscard]] Socket& socket() { return state_->socket; }
  [[nodiscard]] const Socket& socket() const { return state_->socket; }

  void expires_after(Clock::duration time) { expires_at(Clock::now() + time); }
  void expires_at(Clock::time_point deadline);
  void expires_never();

  /// From now on all goes through `session`; async_handshake comes next.
  void use_tls(std::unique_ptr<TlsSession> session) { state_->tls = std::move(session); }
  [[nodiscard]] bool is_tls() const { return state_->tls != nullptr; }
  /// Why TLS failed, for people; "" where it did not.
  [[nodiscard]] std::string tls_problem() const;
  /// Whether it failed since the other side speaks no TLS.
  [[nodiscard]] bool is_plain_peer() const { return state_->tls && state_->tls->is_not_tls(); }

  /// Whether the connection is open and nothing lies there to be read.
  [[nodiscard]] bool is_quiet();

  /// With a goodbye under TLS. Operations under way fail.
  void close();

  template <class Token>
  auto async_connect(const Endpoint& endpoint, Token&& token) {
    return asio::async_compose<Token, void(ErrorCode)>(ConnectOp{state_, endpoint}, token,
                                                       state_->socket);
  }
  template <class Token>
  auto async_handshake(Token&& token) {
    return asio::async_compose<Token, void(ErrorCode)>(HandshakeOp{state_}, token, state_->socket);
  }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(ErrorCode, std::size_t)>(
        ReadOp<Buffers>{state_, buffers}, token, state_->socket);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(ErrorCode, std::size_t)>(
        WriteOp<Buffers>{state_, buffers}, token, state_->socket);
  }

 private:
  struct State {
    explicit State(Socket s) : socket(std::move(s)), timer(socket.get_executor()) {}
    Socket socket;
    asio::steady_timer timer;
    std::unique_ptr<TlsSession> tls;
    int under_way = 0;
    bool expired = false;

    [[nodiscard]] int fd() { return socket.is_open() ? socket.native_handle() : -1; }
    /// Counts an operation; false where its time is over already.
    bool begin();
    /// Ends it: the error it has.
    ErrorCode end(ErrorCode error);
  };
  using StatePtr = std::shared_ptr<State>;

  /// What the step of a TLS operation leads to.
  struct TlsOutcome {
    bool wait = false;
    asio::socket_base::wait_type what = asio::socket_base::wait_read;
    ErrorCode error;
    std::size_t bytes = 0;
  };
  static TlsOutcome outcome_of(TlsSession::Step step);

  struct ConnectOp {
    StatePtr state;
    Endpoint endpoint;
    bool begun = false;

    template <class Self>
    void operator()(Self& self, ErrorCode error = {}) {
      if (std::exchange(begun, true)) return self.complete(state->end(error));
      state->begin();
      auto& socket = state->socket;
      const Endpoint where = endpoint;
      socket.async_connect(where, std::move(self));
    }
  };

  /// Steps until there is something to tell. An operation that never had to wait ends by way of the
  /// executor, as Asio demands.
  struct TlsOp {
    StatePtr state;
    bool begun = false;
    bool ended = false;
    TlsOutcome outcome;

    template <class Self, class Derived>
    void run(Self& self, ErrorCode error, Derived& derived) {
      if (ended) return derived.complete(self);
      const bool first = !std::exchange(begun, true);
      if (first && !state->begin()) error = beast_timeout();
      outcome = error ? TlsOutcome{.error = error} : outcome_of(derived.step());
      auto& socket = state->socket;
      if (outcome.wait) return socket.async_wait(outcome.what, std::move(self));
      ended = true;
      if (first) return asio::post(socket.get_executor(), std::move(self));
      derived.complete(self);
    }
  };

  struct HandshakeOp : TlsOp {
    explicit HandshakeOp(StatePtr of) { state = std::move(of); }
    TlsSession::Step step() { return state->tls->handshake(state->fd()); }
    template <class Self>
    void complete(Self& self) {
      self.complete(state->end(outcome.error));
    }
    template <class Self>
    void operator()(Self& self, ErrorCode error = {}) {
      run(self, error, *this);
    }
  };

  template <class Buffers>
  struct ReadOp : TlsOp {
    Buffers buffers;

    ReadOp(StatePtr of, const Buffers& into) : buffers(into) { state = std::move(of); }
    TlsSession::Step step() {
      const asio::mutable_buffer into = first_of<asio::mutable_buffer>(buffers);
      if (into.size() == 0) return {TlsSession::Next::done, 0};
      return state->tls->read(state->fd(), into.data(), into.size());
    }
    template <class Self>
    void complete(Self& self) {
      self.complete(state->end(outcome.error), outcome.bytes);
    }
    template <class Self>
    void operator()(Self& self, ErrorCode error = {}, std::size_t bytes = 0) {
      auto& shared = *state;
      if (shared.tls) return run(self, error, *this);
      if (std::exchange(begun, true)) return self.complete(shared.end(error), bytes);
      if (!shared.begin()) shared.socket.close(error);
      const Buffers into = buffers;  // The handler that holds ours is moved meanwhile.
      shared.socket.async_read_some(into, std::move(self));
    }
  };

  template <class Buffers>
  struct WriteOp : TlsOp {
    Buffers buffers;
    std::string gathered;  ///< One record of what may be many small pieces.

    WriteOp(StatePtr of, const Buffers& from) : buffers(from) { state = std::move(of); }
    TlsSession::Step step() {
      if (gathered.empty()) gather();
      if (gathered.empty()) return {TlsSession::Next::done, 0};
      return state->tls->write(state->fd(), gathered.data(), gathered.size());
    }
    void gather() {
      constexpr std::size_t record_bytes_max = 16U << 10;
      gathered.resize(std::min(record_bytes_max, asio::buffer_size(buffers)));
      asio::buffer_copy(asio::buffer(gathered), buffers);
    }
    template <class Self>
    void complete(Self& self) {
      self.complete(state->end(outcome.error), outcome.bytes);
    }
    template <class Self>
    void operator()(Self& self, ErrorCode error = {}, std::size_t bytes = 0) {
      auto& shared = *state;
      if (shared.tls) return run(self, error, *this);
      if (std::exchange(begun, true)) return self.complete(shared.end(error), bytes);
      if (!shared.begin()) shared.socket.close(error);
      const Buffers from = buffers;
      shared.socket.async_write_some(from, std::move(self));
    }
  };

  static ErrorCode beast_timeout() { return boost::beast::error::timeout; }

  /// The first buffer that is not empty.
  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto it = asio::buffer_sequence_begin(buffers); it != end; ++it) {
      const Buffer buffer = *it;
      if (buffer.size() > 0) return buffer;
    }
    return {};
  }

  StatePtr state_;
};

}  // namespace plimsoll
