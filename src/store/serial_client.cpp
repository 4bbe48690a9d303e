#include "store/serial_client.h"

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

Task<Result<HttpResponse>> SerialClient::send(HttpRequest request, Duration timeout) {
  const boost::system::error_code none;
  const auto [error] = co_await turn_->async_send(none, asio::as_tuple(asio::use_awaitable));
  if (error) co_return Error{Errc::cancelled, client_.target().str() + ": cancelled"};
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
