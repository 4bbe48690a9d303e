#include "hand/layer_load.h"

namespace plimsoll {
namespace {

using asio::as_tuple;
using asio::use_awaitable;

constexpr std::size_t chunks_ahead = 4;
/// The engine says nothing while it registers a layer that has no progress to show.
constexpr Duration load_idle{600'000};
constexpr boost::system::error_code no_error;

}  // namespace

LayerLoad::LayerLoad(const asio::any_io_executor& executor, const HttpTarget& docker,
                     std::shared_ptr<LayerLoad> below)
    : chunks_(executor, chunks_ahead),
      over_(executor, asio::steady_timer::time_point::max()),
      engine_(executor, docker),
      below_(std::move(below)) {}

void LayerLoad::as_import(std::string label, std::string value) {
  label_ = std::move(label);
  value_ = std::move(value);
}

Task<> LayerLoad::run() {
  if (is_import()) {
    outcome_ = co_await engine_.import_layer(this, label_, value_, load_idle);
  } else {
    const auto loaded = co_await engine_.load(this, load_idle);
    outcome_ = loaded ? Result<std::string>{std::string{}} : Result<std::string>{loaded.error()};
  }
  finished_ = Clock::now();
  below_.reset();
  chunks_.close();
  chunks_.cancel();
  over_.cancel();
}

Task<Result<void>> LayerLoad::give(std::string data) {
  if (data.empty()) co_return Result<void>{};
  const auto [error] =
      co_await chunks_.async_send(no_error, std::move(data), as_tuple(use_awaitable));
  if (error) co_return Error{Errc::cancelled, "the engine takes no more of the image"};
  co_return Result<void>{};
}

Task<Result<void>> LayerLoad::finish(std::string tail) {
  tail_ = std::move(tail);
  std::string end;
  const auto [error] =
      co_await chunks_.async_send(no_error, std::move(end), as_tuple(use_awaitable));
  if (error) co_return Error{Errc::cancelled, "the engine takes no more of the image"};
  co_return Result<void>{};
}

void LayerLoad::break_off() {
  broken_ = true;
  chunks_.close();
  chunks_.cancel();
}

Task<> LayerLoad::ended() {
  while (!outcome_) co_await over_.async_wait(as_tuple(use_awaitable));
}

double LayerLoad::seconds() const {
  return std::chrono::duration<double>{finished_ - began_}.count();
}

Task<Result<std::string>> LayerLoad::read() {
  if (phase_ == Phase::over) co_return std::string{};
  auto [error, chunk] = co_await chunks_.async_receive(as_tuple(use_awaitable));
  if (error || broken_) co_return Error{Errc::cancelled, "the image's stream broke off"};
  if (!chunk.empty()) co_return std::move(chunk);
  phase_ = Phase::over;
  if (below_) {
    const auto below = below_;
    co_await below->ended();
    if (below->failed()) co_return Error{Errc::cancelled, "the layer below could not be loaded"};
  }
  if (broken_) co_return Error{Errc::cancelled, "the image's stream broke off"};
  co_return std::move(tail_);
}

}  // namespace plimsoll
