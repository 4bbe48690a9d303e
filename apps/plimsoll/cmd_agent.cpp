#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "agent/agent.h"
#include "agent/lean_memory.h"
#include "agent/ping_socket.h"
#include "commands.h"
#include "core/text.h"
#include "run.h"
#include "runtime/http.h"
#include "runtime/log.h"
#include "runtime/privileges.h"

namespace plimsoll {
namespace {

struct Options {};

bool listens_on_privileged_port(const std::string& listen) {
  constexpr std::uint16_t first_free = 1024;
  const auto port = parse_number<std::uint16_t>(listen.substr(listen.rfind(':') + 1));
  return port && *port != 0 && *port < first_free;
}

/// Whether the engine's socket is another user's: root without this capability is refused there.
bool engine_is_anothers(const std::string& docker) {
  const auto target = parse_http_target(docker);
  struct stat status {};
  return target && !target->unix_path.empty() && ::stat(target->unix_path.c_str(), &status) == 0 &&
         status.st_uid != ::geteuid();
}

/// The agent reads; what else its user may do is given up before a thread is started or a port
/// opened.
Result<void> drop_privileges(const AgentConfig& config) {
  const unsigned ping = may_ping_unprivileged() ? CAP_DAC_READ_SEARCH : CAP_NET_RAW;
  const unsigned port =
      listens_on_privileged_port(config.listen) ? CAP_NET_BIND_SERVICE : CAP_DAC_READ_SEARCH;
  const unsigned engine =
      engine_is_anothers(config.docker) ? CAP_DAC_OVERRIDE : CAP_DAC_READ_SEARCH;
  return keep_capabilities({CAP_DAC_READ_SEARCH, ping, port, engine});
}

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
  if (auto dropped = drop_privileges(config->agent); !dropped) {
    log::warning("{}; the agent goes on with them", dropped.error().message);
  }
  use_one_heap();
  asio::io_context io{1};
  return run_to_end(io, serve(config->agent));
}

}  // namespace

void add_agent(const CommandLine& app, CommandContext& context) {
  add_command<Options>(
      app, context,
      {"agent", "Sample this host and serve it over HTTP; runs on every host",
       "  plimsoll agent\n"
       "  plimsoll agent --set agent.listen=10.0.0.5:5002\n"
       "  plimsoll agent --set agent.docker=unix:///run/podman/podman.sock\n"
       "  plimsoll agent --set agent.token_file=/etc/plimsoll/token\n"
       "  plimsoll agent --set agent.tls_cert=host.crt --set agent.tls_key=host.key\n"
       "  curl http://localhost:5002/v1/telemetry\n"},
      run);
}

}  // namespace plimsoll
