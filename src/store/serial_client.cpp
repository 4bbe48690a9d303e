#include "store/serial_client.h"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

namespace plimsoll {
namespace {

template <class Turn>
class EndOfTurn {
 public:
  explicit EndOfTurn(std::shared_ptr<Turn> turn) : turn_(std::move(turn)) {}
  EndOfTurn(const EndOfTurn&) = delete;
  EndOfTurn& operator=(const EndOfTurn&) = delete;
  ~EndOfTurn() {
    turn_->try_receive([](boost::system::error_code) {});
  }

 private:
  std::shared_ptr<Turn> turn_;
};

}  // namespace

SerialClient::SerialClient(const asio::any_io_executor& executor, HttpTarget target,
                           HttpLimits limits)
    : client_(executor, std::move(target), limits),
      turn_(std::make_shared<Turn>(executor, std::size_t{1})) {}

/// Both ends of the race are looked at: a turn that came just with the time is ours all the same.
Task<Result<void>> SerialClient::take_turn(Duration at_most) {
  const boost::system::error_code none;
  if (turn_->try_send(none)) co_return Result<void>{};
  asio::steady_timer timer{turn_->get_executor(), at_most};
  auto race = asio::experimental::make_parallel_group(turn_->async_send(none, asio::deferred),
                                                      timer.async_wait(asio::deferred));
  const auto [order, not_sent, not_over] =
      co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (!not_sent) co_return Result<void>{};
  const auto& target = client_.target();
  if (not_over) co_return Error{Errc::cancelled, target.str() + ": cancelled"};
  co_return Error{Errc::timeout,
                  target.str() + ": earlier requests took more than " + format_duration(at_most)};
}

Task<Result<HttpResponse>> SerialClient::send(HttpRequest request, Duration timeout) {
  const auto ours = co_await take_turn(timeout);
  if (!ours) co_return ours.error();
  const EndOfTurn<Turn> end{turn_};
  auto answer = co_await client_.send(request, timeout);
  if (!answer && answer.error().code == Errc::io) {
    answer = co_await client_.send(std::move(request), timeout);
  }
  if (!answer && answer.error().code == Errc::io) {
    co_return Error{Errc::unreachable, answer.error().message};
  }
  co_return answer;
}

}  // namespace plimsoll
