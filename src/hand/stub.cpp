#include "hand/stub.h"

#include <algorithm>
#include <csignal>

#include "core/text.h"
#include "hand/detached.h"
#include "hand/divert.h"
#include "hand/move_folder.h"
#include "hand/stub_keeper.h"
#include "runtime/deadline.h"
#include "runtime/files.h"
#include "runtime/log.h"
#include "runtime/process_stats.h"

namespace plimsoll {
namespace {

constexpr std::size_t file_bytes_max = 1U << 20;
constexpr Duration status_every{100};
constexpr Duration end_patience{3'000};

std::filesystem::path spec_file(const HandContext& context) {
  return context.move_folder() / "stub-spec.json";
}
std::filesystem::path status_file(const HandContext& context) {
  return context.move_folder() / "stub.json";
}
DetachedJob stub_job(const HandContext& context) {
  return {context.move_folder() / "stub.lock", context.move_folder() / "stub.log"};
}

/// Writes the status whenever it has changed.
Task<> report(const HandContext* context, const StubServer* server) {
  std::string last;
  for (;;) {
    const auto now = stub_json(server->status());
    if (now != last) {
      const auto written = write_file_atomically(status_file(*context), now + "\n", 0600);
      if (!written) log::warning("stub: {}", written.error().message);
      last = now;
    }
    const bool slept = co_await sleep_for(status_every);
    if (!slept) co_return;
  }
}

Task<bool> until_told_to_end(Duration at_most) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  asio::signal_set signals{executor, SIGTERM, SIGINT};
  auto either = signals.async_wait(asio::as_tuple(asio::use_awaitable)) || sleep_for(at_most);
  const auto first = co_await std::move(either);
  co_return first.index() == 0;
}

}  // namespace

Task<Result<StubStatus>> start_stub(const HandContext* context, std::string spec,
                                    JobStarter start) {
  const auto parsed = parse_stub_spec(spec);
  if (!parsed) co_return parsed.error();
  const auto folder = make_move_folder(*context);
  if (!folder) co_return folder.error();
  const auto ended = co_await stop_stub(context);
  if (!ended) co_return ended.error();
  const auto kept = write_file_atomically(spec_file(*context), spec, 0600);
  if (!kept) co_return kept.error();
  std::error_code ignored;
  std::filesystem::remove(status_file(*context), ignored);
  const auto started = start(stub_job(*context), words_for_hand(*context, "stub-keep"));
  if (!started) co_return started.error();
  // It says something once every rule is in force that it was asked for.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{15};
  while (std::chrono::steady_clock::now() < give_up) {
    const auto status = stub_status(*context);
    if (!status || status->ports > 0) co_return status;
    co_await sleep_for(Duration{5});
  }
  co_return Error{Errc::timeout, "the stub says nothing"};
}

Result<StubStatus> stub_status(const HandContext& context) {
  const auto text = read_file(status_file(context), file_bytes_max);
  if (!text && text.error().code == Errc::not_found) return StubStatus{};
  if (!text) return text.error();
  auto status = parse_stub_status(*text);
  if (status) status->running = is_alive(stub_job(context));
  return status;
}

Task<Result<StubStatus>> stop_stub(const HandContext* context) {
  const auto ended = end_detached(stub_job(*context), end_patience);
  if (!ended) co_return ended.error();
  // It removes them itself, unless it was killed.
  const auto cleared = co_await end_diverts(context->order.move);
  if (!cleared) co_return cleared.error();
  auto status = stub_status(*context);
  if (status) {
    status->listening = 0;
    status->diverts = false;
  }
  co_return status;
}

namespace {

bool holds_one_of(const HandContext& context, const std::vector<std::uint16_t>& ports) {
  const auto text = read_file(spec_file(context), file_bytes_max);
  if (!text) return false;
  const auto spec = parse_stub_spec(*text);
  return spec && std::ranges::any_of(spec->ports, [&](const StubPort& port) {
           return std::ranges::find(ports, port.listen.port()) != ports.end();
         });
}

}  // namespace

Task<Result<std::size_t>> free_ports(const HandContext* context, std::vector<std::uint16_t> ports) {
  std::size_t ended = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{context->run, ignored}) {
    HandContext other = *context;
    other.order.move = MoveId{entry.path().filename().string()};
    if (!is_safe_name(other.order.move.str()) || !holds_one_of(other, ports)) continue;
    const auto stopped = co_await stop_stub(&other);
    if (!stopped) co_return stopped.error();
    std::filesystem::remove(spec_file(other), ignored);
    ++ended;
  }
  co_return ended;
}

Task<Result<void>> keep_stub(const HandContext* context) {
  const auto executor = co_await asio::this_coro::executor;
  const auto job_begun = become_job(stub_job(*context));
  if (!job_begun) co_return job_begun;
  const auto text = read_file(spec_file(*context), file_bytes_max);
  if (!text) co_return text.error();
  const auto spec = parse_stub_spec(*text);
  if (!spec) co_return spec.error();
  raise_open_files_limit();
  StubServer server{executor, context->order.move, *spec};
  co_await server.divert_all();
  asio::co_spawn(executor, server.run(), asio::detached);
  asio::co_spawn(executor, report(context, &server), asio::detached);
  const bool told = co_await until_told_to_end(spec->lasts);
  log::info("stub: {}", told ? "told to end" : "its time is over");
  const auto cleared = co_await end_diverts(context->order.move);
  const auto last =
      write_file_atomically(status_file(*context), stub_json(server.status()) + "\n", 0600);
  if (!last) log::warning("stub: {}", last.error().message);
  // With the process everything that it holds ends; nothing of it is waited for.
  std::_Exit(cleared ? 0 : 1);
}

}  // namespace plimsoll
