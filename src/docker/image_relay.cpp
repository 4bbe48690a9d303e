#include "docker/image_relay.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>

#include "core/text.h"

namespace plimsoll {
namespace {

using asio::as_tuple;
using asio::use_awaitable;

constexpr std::size_t chunks_between = 8;
constexpr std::size_t tail_bytes = 512;
constexpr boost::system::error_code no_error;

/// Both ends of the relay: the engine that saves writes into it, the one that loads reads from it.
class Pipe : public ByteSink, public ByteSource {
 public:
  Pipe(const asio::any_io_executor& executor, Progress progress)
      : chunks_(executor, chunks_between), progress_(std::move(progress)) {}

  Task<Result<void>> write(std::string_view chunk) override {
    if (chunk.empty()) co_return Result<void>{};
    std::string owned{chunk};
    tail_.append(chunk.substr(chunk.size() - std::min(chunk.size(), tail_bytes)));
    tail_.erase(0, tail_.size() - std::min(tail_.size(), tail_bytes));
    const auto [error] =
        co_await chunks_.async_send(no_error, std::move(owned), as_tuple(use_awaitable));
    if (error) co_return Error{Errc::cancelled, "the destination stopped taking the image"};
    passed_ += Bytes{chunk.size()};
    if (progress_) progress_(passed_);
    co_return Result<void>{};
  }

  Task<Result<std::string>> read() override {
    auto [error, chunk] = co_await chunks_.async_receive(as_tuple(use_awaitable));
    if (error || failed_) co_return Error{Errc::cancelled, "the source broke off"};
    co_return std::move(chunk);
  }

  /// The archive is whole: an empty chunk says so, behind all others. Closing the channel instead
  /// would lose what a slow destination has not taken yet (Boost 1.81).
  Task<> finish() {
    std::string end;
    co_await chunks_.async_send(no_error, std::move(end), as_tuple(use_awaitable));
  }
  /// A source that failed must not look like the end of the archive.
  void fail() {
    failed_ = true;
    break_off();
  }
  void break_off() {
    chunks_.close();
    chunks_.cancel();
  }
  [[nodiscard]] Bytes passed() const { return passed_; }

  /// An engine that fails in the middle of a 200 writes its words behind what it has sent, and ends
  /// in good order. A whole archive ends with zeros (POSIX.1, pax, "ustar Interchange Format").
  [[nodiscard]] Result<void> whole() const {
    if (tail_.find_first_not_of('\0') == std::string::npos) return {};
    const auto words = tail_.find_last_of('{');
    return Error{Errc::io, "Docker's archive of the image broke off" +
                               (words == std::string::npos
                                    ? std::string{}
                                    : ": " + printable(trim(tail_.substr(words)), 300))};
  }

 private:
  using Channel = asio::experimental::channel<void(boost::system::error_code, std::string)>;
  Channel chunks_;
  Progress progress_;
  Bytes passed_{};
  std::string tail_;
  bool failed_ = false;
};

Task<Result<void>> save_into(Engine* engine, std::string image, Pipe* pipe, Duration idle) {
  auto saved = co_await engine->save(std::move(image), pipe, idle);
  if (saved) saved = pipe->whole();
  if (saved) {
    co_await pipe->finish();
  } else {
    pipe->fail();
  }
  co_return saved;
}

Task<Result<void>> load_from(Engine* engine, Pipe* pipe, Duration idle) {
  auto loaded = co_await engine->load(pipe, idle);
  pipe->break_off();
  co_return loaded;
}

}  // namespace

Task<Result<Bytes>> relay_image(Engine* from, Engine* to, std::string image, Duration idle,
                                Progress progress) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  Pipe pipe{executor, std::move(progress)};
  auto both = save_into(from, std::move(image), &pipe, idle) && load_from(to, &pipe, idle);
  const auto [saved, loaded] = co_await std::move(both);
  // Whichever broke first made the other break: "cancelled" is never the cause.
  if (!saved && saved.error().code != Errc::cancelled) co_return saved.error().in("source");
  if (!loaded) co_return loaded.error().in("destination");
  if (!saved) co_return saved.error().in("source");
  co_return pipe.passed();
}

}  // namespace plimsoll
