#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "commands.h"
#include "inventory/host_file.h"
#include "open_store.h"
#include "orchestrator_part.h"
#include "run.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

struct Options {
  std::string mode;
};

/// Each decision asks for the list anew: nothing is to be done on an edit.
class Unmoved : public HostListListener {
 public:
  void hosts_changed(const HostList& /*hosts*/, const HostListDiff& /*diff*/) override {}
};

class Orchestrate {
 public:
  explicit Orchestrate(Config config) : config_(std::move(config)) {}

  Task<int> run();

 private:
  Task<Result<void>> start();
  Task<> loop();

  Config config_;
  std::optional<HostFile> hosts_;
  Unmoved unmoved_;
  OpenedStore store_;
  std::unique_ptr<OrchestratorPart> part_;
  Result<void> ended_;
  std::unique_ptr<asio::steady_timer> over_;  ///< Fires when the loop has ended by itself.
};

Task<Result<void>> Orchestrate::start() {
  const auto executor = co_await asio::this_coro::executor;
  auto hosts = HostFile::open(config_.hosts);
  if (!hosts) co_return hosts.error();
  hosts_.emplace(std::move(*hosts));
  auto store = co_await open_store(config_, Absence::is_waited_out);
  if (!store) co_return store.error();
  store_ = std::move(*store);
  part_ = make_orchestrator_part(executor, config_, *store_.store, *hosts_);
  over_ = std::make_unique<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  asio::co_spawn(executor, hosts_->watch(&unmoved_), asio::detached);
  asio::co_spawn(executor, loop(), asio::detached);
  co_return Result<void>{};
}

Task<> Orchestrate::loop() {
  ended_ = co_await part_->run();
  over_->cancel();
}

Task<int> Orchestrate::run() {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  StopSignal stop{executor};
  const auto started = co_await start();
  if (!started) co_return fail(started.error());
  fmt::print("plimsoll decides on what {} holds. Moves: {}.   (Ctrl-C stops)\n",
             store_.store->describe(), part_->describe());
  std::fflush(stdout);
  auto race = over_->async_wait(asio::as_tuple(asio::use_awaitable)) || stop.wait();
  co_await std::move(race);
  if (!ended_) co_return fail(ended_.error());
  co_await part_->stop();
  log::info("stopped");
  co_return exit_ok;
}

int run(const Options& options, const CommandContext& context) {
  auto with_mode = context;
  if (!options.mode.empty()) with_mode.overrides.push_back("orchestrator.mode=" + options.mode);
  auto config = with_mode.config();
  if (!config) return exit_usage;
  CommandIo io;
  Orchestrate orchestrate{std::move(*config)};
  return run_to_end(io, orchestrate.run());
}

}  // namespace

void add_orchestrate(const CommandLine& app, CommandContext& context) {
  const auto command = add_command<Options>(
      app, context,
      {"orchestrate", "Decide and move, on what a monitor writes into the store",
       "  plimsoll orchestrate --mode observe    # only say what would be done\n"
       "  plimsoll orchestrate --mode auto       # and do it\n"},
      run);
  command.line
      .add_option("--mode", command.options->mode, "observe, ask (plans wait for approval) or auto")
      .one_of({"observe", "ask", "auto"});
}

}  // namespace plimsoll
