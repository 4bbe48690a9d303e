#include "hand/stub_relay.h"

#include <array>

#include "runtime/deadline.h"

namespace plimsoll {
namespace {

using asio::as_tuple;
using asio::use_awaitable;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr Duration between_tries{20};
// An attempt that hangs this long is begun anew: the answer to its first packet was lost.
constexpr Duration try_at_most{1'000};

Task<Result<void>> connect_to(tcp::socket* socket, tcp::endpoint endpoint) {
  const auto [error] = co_await socket->async_connect(endpoint, as_tuple(use_awaitable));
  if (error) co_return Error{Errc::unreachable, error.message()};
  co_return Result<void>{};
}

void close_both(tcp::socket* a, tcp::socket* b) {
  ErrorCode ignored;
  a->close(ignored);
  b->close(ignored);
}

using RelayBuffer = std::array<char, 64U << 10>;
RelayBuffer& shared_buffer() {
  static thread_local RelayBuffer buffer;
  return buffer;
}

/// One way. Bytes pass through a buffer that all connections share; only what the other side does
/// not take at once is kept for this one, so that an idle connection costs no memory.
Task<> pass_bytes(tcp::socket* from, tcp::socket* to) {
  auto& shared = shared_buffer();
  for (;;) {
    const auto [waited] =
        co_await from->async_wait(tcp::socket::wait_read, as_tuple(use_awaitable));
    ErrorCode error = waited;
    const auto n = error ? 0 : from->read_some(asio::buffer(shared), error);
    if (error == asio::error::would_block) continue;
    if (error == asio::error::eof) break;
    if (error) co_return close_both(from, to);
    auto written = to->write_some(asio::buffer(shared.data(), n), error);
    if (error == asio::error::would_block) written = 0;
    if (error && error != asio::error::would_block) co_return close_both(from, to);
    if (written == n) continue;
    const std::string rest{shared.data() + written, n - written};
    const auto [failed, bytes] =
        co_await asio::async_write(*to, asio::buffer(rest), as_tuple(use_awaitable));
    if (failed) co_return close_both(from, to);
  }
  ErrorCode ignored;
  to->shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

Task<Result<tcp::socket>> StubDestination::try_once() {
  tcp::socket socket{changed_.get_executor()};
  auto connecting = connect_to(&socket, endpoint_);
  const auto connected = co_await with_deadline(std::move(connecting), try_at_most, "destination");
  if (!connected) co_return connected.error();
  co_return socket;
}

Task<> StubDestination::wait_for_change(Timer::time_point until) {
  using namespace asio::experimental::awaitable_operators;
  Timer late{changed_.get_executor(), until};
  auto either =
      changed_.async_wait(as_tuple(use_awaitable)) || late.async_wait(as_tuple(use_awaitable));
  co_await std::move(either);
}

Task<Result<tcp::socket>> StubDestination::connect(Duration at_most) {
  const auto give_up = std::chrono::steady_clock::now() + at_most;
  while (std::chrono::steady_clock::now() < give_up) {
    if (!answers_ && tried_) {
      co_await wait_for_change(give_up);
      continue;
    }
    tried_ = true;
    auto socket = co_await try_once();
    answers_ = socket.has_value();
    if (!socket) co_await sleep_for(between_tries);
    tried_ = false;
    // All of them when it answers; else the next one tries.
    if (answers_) {
      changed_.cancel();
      co_return std::move(*socket);
    }
    changed_.cancel_one();
  }
  changed_.cancel_one();
  co_return Error{Errc::timeout, "the destination does not answer"};
}

Task<> relay(tcp::socket* a, tcp::socket* b) {
  using namespace asio::experimental::awaitable_operators;
  for (auto* socket : {a, b}) {
    ErrorCode ignored;
    socket->set_option(tcp::no_delay{true}, ignored);
    socket->non_blocking(true, ignored);
  }
  auto both = pass_bytes(a, b) && pass_bytes(b, a);
  co_await std::move(both);
}

}  // namespace plimsoll
