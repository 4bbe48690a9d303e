#include "runtime/net_stream.h"

#include <sys/socket.h>

#include <cerrno>

namespace plimsoll {

NetStream::NetStream(const asio::any_io_executor& executor) : NetStream(Socket{executor}) {}

NetStream::NetStream(Socket socket) : state_(std::make_shared<State>(std::move(socket))) {
  expires_never();
}

NetStream::~NetStream() { close(); }

bool NetStream::State::begin() {
  ++under_way;
  return !expired;
}

NetStream::ErrorCode NetStream::State::end(ErrorCode error) {
  --under_way;
  return error && expired ? beast_timeout() : error;
}

void NetStream::expires_never() {
  state_->expired = false;
  state_->timer.expires_at(Clock::time_point::max());
}

void NetStream::expires_at(Clock::time_point deadline) {
  state_->expired = false;
  state_->timer.expires_at(deadline);
  // The timer may come to its end just when the stream goes.
  state_->timer.async_wait([weak = std::weak_ptr{state_}](ErrorCode error) {
    const auto state = weak.lock();
    if (error || !state || state->timer.expiry() > Clock::now()) return;
    state->expired = true;
    if (state->under_way > 0) state->socket.close(error);
  });
}

std::string NetStream::tls_problem() const { return state_->tls ? state_->tls->problem() : ""; }

bool NetStream::is_quiet() {
  if (state_->tls) return state_->tls->is_quiet(state_->fd());
  char byte = 0;
  const auto n = ::recv(state_->fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && errno == EAGAIN;
}

void NetStream::close() {
  state_->timer.cancel();
  if (state_->tls) state_->tls->close(state_->fd());
  ErrorCode ignored;
  state_->socket.close(ignored);
}

NetStream::TlsOutcome NetStream::outcome_of(TlsSession::Step step) {
  switch (step.next) {
    case TlsSession::Next::done:
      return {.bytes = step.bytes};
    case TlsSession::Next::wait_read:
      return {.wait = true, .what = asio::socket_base::wait_read};
    case TlsSession::Next::wait_write:
      return {.wait = true, .what = asio::socket_base::wait_write};
    case TlsSession::Next::end:
      return {.error = asio::error::eof};
    case TlsSession::Next::failed:
      return {.error = make_error_code(boost::system::errc::protocol_error)};
  }
  return {};
}

}  // namespace plimsoll
