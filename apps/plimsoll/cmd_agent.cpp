#include <boost/asio/experimental/awaitable_operators.hpp>

#include "agent/agent.h"
#include "commands.h"
#include "run.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

struct Options {};

Task<int> serve(AgentConfig config) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  StopSignal stop{executor};
  Agent agent{config};
  auto race = agent.run() || stop.wait();
  const auto first = co_await std::move(race);
  if (first.index() == 1) co_return exit_ok;
  const auto& ended = std::get<0>(first);
  co_return ended ? exit_ok : fail(ended.error());
}

int run(const Options& /*options*/, const CommandContext& context) {
  const auto config = context.config();
  if (!config) return exit_usage;
  asio::io_context io{1};
  return run_to_end(io, serve(config->agent));
}

}  // namespace

void add_agent(CLI::App& app, CommandContext& context) {
  add_command<Options>(app, context,
                       {"agent", "Sample this host and serve it over HTTP; runs on every host",
                        "  plimsoll agent\n"
                        "  plimsoll agent --set agent.listen=10.0.0.5:5002\n"
                        "  plimsoll agent --set agent.docker=unix:///run/podman/podman.sock\n"
                        "  curl http://localhost:5002/v1/telemetry\n"},
                       run);
}

}  // namespace plimsoll
