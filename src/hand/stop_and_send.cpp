#include "hand/stop_and_send.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>

#include "core/text.h"
#include "docker/engine.h"
#include "hand/fence.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

/// A container of that grace has to be dead then; the engine kills it after it.
constexpr Duration beyond_grace{60'000};
constexpr Duration usual_grace{600'000};

/// A process, held by a descriptor: it cannot become another one of the same number.
class HeldProcess {
 public:
  HeldProcess(const asio::any_io_executor& executor, std::int64_t pid)
      : ended_(executor), descriptor_(open(pid)) {
    if (descriptor_ >= 0) ended_.assign(descriptor_);
  }
  [[nodiscard]] bool is_there() const { return descriptor_ >= 0; }
  void give_up_waiting() { ended_.cancel(); }
  /// True when it has ended; the init of a pid namespace has when all in it are gone.
  Task<Result<void>> gone() {
    const auto [error] = co_await ended_.async_wait(asio::posix::stream_descriptor::wait_read,
                                                    asio::as_tuple(asio::use_awaitable));
    if (error) co_return Error{Errc::cancelled, "waiting for the container's end: cancelled"};
    co_return Result<void>{};
  }

 private:
  static int open(std::int64_t pid) {
    return pid <= 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0));
  }

  asio::posix::stream_descriptor ended_;
  int descriptor_;
};

/// Whether the container's first process is the first of a pid namespace of its own.
bool has_own_processes(const ContainerInspect& container) {
  const auto mode = text_of(member(member(container.document, "HostConfig"), "PidMode"));
  return mode.empty() || mode == "private";
}

class TightStop {
 public:
  TightStop(const HandContext* context, StopAndSend request, asio::any_io_executor executor)
      : context_(context),
        request_(std::move(request)),
        executor_(std::move(executor)),
        engine_(executor_, context->docker) {}

  Task<Result<StoppedAndSent>> run() {
    const auto before = co_await engine_.inspect(request_.container);
    if (!before) co_return before.error();
    const bool stands_still = before->state == "exited" || before->state == "created" ||
                              (request_.pause && before->state == "paused");
    if (!stands_still && before->state != "running") {
      co_return Error{Errc::conflict,
                      fmt::format("the container is {}: somebody else is at work", before->state)};
    }
    start_ = Clock::now();
    Result<void> done;
    if (stands_still) {
      done = co_await send_and_digest();
    } else if (request_.pause) {
      done = co_await freeze_then_send();
    } else {
      done = co_await stop_while_sending(*before);
    }
    if (!done) co_return done.error();
    const auto confirmed = co_await confirm(*before);
    if (!confirmed) co_return confirmed.error();
    out_.total_s = since_start();
    co_return std::move(out_);
  }

 private:
  [[nodiscard]] double since_start() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }
  void reached(const char* part) const {
    if (context_->reached) context_->reached(part);
  }
  /// Between admission and the deed an order may have been superseded.
  [[nodiscard]] Result<void> allowed() const {
    return Fence{context_->state}.check(context_->order);
  }

  Task<Result<void>> send_and_digest() {
    using namespace asio::experimental::awaitable_operators;
    // What is here does not change any more: it is read while it is sent.
    auto both = send() && digest();
    const auto [sent, digested] = co_await std::move(both);
    if (!sent) co_return sent.error();
    co_return digested;
  }

  Task<Result<void>> send() {
    auto sending = request_.send;
    sending.final = true;
    auto sent = co_await send_trees(context_, std::move(sending));
    if (!sent) co_return sent.error();
    out_.sent = std::move(*sent);
    out_.sent_s = since_start();
    reached("sent");
    co_return Result<void>{};
  }

  Task<Result<void>> digest() {
    if (!request_.digest) co_return Result<void>{};
    for (const auto& pair : request_.send.pairs) {
      auto reading = run_blocking(pool_, [this, folder = pair.from] {
        DigestOptions options;
        options.cache = digest_cache_file(*context_, folder);
        return digest_tree(folder, options);
      });
      auto digest = co_await std::move(reading);
      if (!digest) co_return digest.error();
      out_.digests.push_back(std::move(*digest));
    }
    out_.digest_s = since_start();
    co_return Result<void>{};
  }

  Task<Result<void>> freeze_then_send() {
    if (const auto fine = allowed(); !fine) co_return fine.error();
    const auto paused = co_await engine_.pause(request_.container);
    if (!paused) co_return paused.error();
    out_.dead_s = out_.engine_s = since_start();
    reached("dead");
    const auto sent = co_await send_or_cancelled();
    if (sent) co_return sent;
    const auto goes_on = co_await engine_.unpause(request_.container);
    const auto* outcome = goes_on ? "; the container goes on" : "; the container is still paused";
    co_return Error{sent.error().code, sent.error().message + outcome};
  }

  /// As send_and_digest, but being cancelled is an error like others: what is frozen must go on.
  Task<Result<void>> send_or_cancelled() {
    co_await asio::this_coro::throw_if_cancelled(false);
    Result<void> sent = Error{Errc::cancelled, "sending: cancelled"};
    try {
      sent = co_await send_and_digest();
    } catch (const boost::system::system_error& error) {
      sent = Error{Errc::cancelled, std::string{"sending: "} + error.what()};
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_return sent;
  }

  Task<Result<void>> stop_while_sending(ContainerInspect before) {
    using namespace asio::experimental::awaitable_operators;
    HeldProcess init{executor_, before.pid};
    if (const auto fine = allowed(); !fine) co_return fine.error();
    if (!init.is_there() || !has_own_processes(before)) {
      // Others may outlive its first process: only the engine knows when all are gone.
      const auto stopped = co_await stop(&init);
      if (!stopped) co_return stopped.error();
      out_.dead_s = since_start();
      reached("dead");
      const auto sent = co_await send_and_digest();
      co_return sent;
    }
    auto both = stop(&init) && send_when_dead(&init);
    const auto [stopped, sent] = co_await std::move(both);
    if (!stopped) co_return stopped.error();
    co_return sent;
  }

  Task<Result<void>> stop(HeldProcess* init) {
    const auto stopped = co_await engine_.stop(request_.container, request_.grace);
    out_.engine_s = since_start();
    if (!stopped) init->give_up_waiting();
    co_return stopped;
  }

  Task<Result<void>> send_when_dead(HeldProcess* init) {
    const Duration patience = request_.grace.value_or(usual_grace) + beyond_grace;
    auto waiting = init->gone();
    const auto gone = co_await with_deadline(std::move(waiting), patience, "the container's end");
    if (!gone) co_return gone.error();
    out_.dead_s = since_start();
    reached("dead");
    const auto sent = co_await send_and_digest();
    co_return sent;
  }

  Task<Result<void>> confirm(ContainerInspect before) {
    const auto after = co_await engine_.inspect(request_.container);
    if (!after) co_return after.error();
    const bool still = request_.pause ? after->state == "paused" || after->state == "exited"
                                      : after->state == "exited" || after->state == "created";
    if (!still || after->started_at != before.started_at) {
      co_return Error{
          Errc::conflict,
          fmt::format("the container is {} after all: somebody else started it", after->state)};
    }
    out_.exit_code = after->exit_code;
    co_return Result<void>{};
  }

  const HandContext* context_;
  StopAndSend request_;
  asio::any_io_executor executor_;
  Engine engine_;
  asio::thread_pool pool_{1};
  Clock::time_point start_;
  StoppedAndSent out_;
};

}  // namespace

Task<Result<StoppedAndSent>> stop_and_send(const HandContext* context, StopAndSend request) {
  const auto executor = co_await asio::this_coro::executor;
  TightStop stop{context, std::move(request), executor};
  auto done = co_await stop.run();
  co_return done;
}

}  // namespace plimsoll
