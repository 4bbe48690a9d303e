#include "moving.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::chrono::milliseconds redraw_every{200};

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace

Result<Journal> open_journal(const Config& config) {
  return Journal::open(config.orchestrator.journal_file);
}

const char* mode_name(Mode mode) {
  switch (mode) {
    case Mode::observe:
      return "observe";
    case Mode::ask:
      return "ask";
    case Mode::automatic:
      return "auto";
  }
  return "";
}

Task<Result<std::unique_ptr<Moving>>> Moving::open(Config config, HostList hosts,
                                                   MoveObserver* observer) {
  const auto executor = co_await asio::this_coro::executor;
  auto store = co_await open_store(config, Absence::fails);
  if (!store) co_return store.error();
  auto journal = open_journal(config);
  if (!journal) co_return journal.error();
  std::unique_ptr<Moving> moving{new Moving{std::move(*store), std::move(*journal)}};
  auto list = [hosts = std::move(hosts)] { return hosts; };
  OrchestratorParts parts{executor,        *moving->store_.store, moving->journal_,
                          std::move(list), config.policy,         config.orchestrator,
                          config.ssh,      config.monitor.agents, wall_clock_now,
                          observer};
  moving->orchestrator_ = std::make_unique<Orchestrator>(std::move(parts));
  co_return moving;
}

void ConsoleObserver::clear_line() {
  if (line_open_) fmt::print("\r\x1b[K");
  line_open_ = false;
}

void ConsoleObserver::step_began(const MoveRecord& /*record*/, const StepRecord& step) {
  began_ = shown_ = std::chrono::steady_clock::now();
  if (quiet_ || !on_terminal()) return;
  fmt::print("  …    {}", step.name);
  std::fflush(stdout);
  line_open_ = true;
}

void ConsoleObserver::step_ended(const MoveRecord& /*record*/, const StepRecord& step) {
  if (quiet_) return;
  clear_line();
  const auto took = step.finished.value_or(step.started) - step.started;
  fmt::print("  {:<4} {:<20} {:>9}  {}\n", step.failed ? "FAIL" : "ok", step.name,
             format_duration(std::max(took, Duration{0})), printable(step.detail, 400));
  std::fflush(stdout);
}

void ConsoleObserver::transferred(const MoveRecord& /*record*/, Act act, Bytes bytes) {
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || !on_terminal() || now - shown_ < redraw_every) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const auto rate = static_cast<std::uint64_t>(as_double(bytes) / std::max(seconds, 0.001));
  clear_line();
  fmt::print("  …    {:<20} {}, {}/s", act_name(act), format_bytes(count(bytes)),
             format_bytes(rate));
  std::fflush(stdout);
  line_open_ = true;
}

}  // namespace plimsoll
