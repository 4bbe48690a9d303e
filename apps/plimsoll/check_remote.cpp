#include <fmt/format.h>

#include "check_parts.h"
#include "orchestrate/compose_guard.h"
#include "orchestrate/remote_host.h"
#include "runtime/run_all.h"

namespace plimsoll {
namespace {

constexpr std::size_t at_once = 32;

std::string action_for(const Error& error) {
  if (error.code == Errc::unauthorized) return "check ssh.user and ssh.key in plimsoll.toml";
  return "without SSH and Docker the host is monitored, but nothing can be moved";
}

Task<> check_host(Host host, SshConfig ssh, Finding* finding) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string name = host.name.str();
  RemoteHost remote{executor, std::move(host), std::move(ssh)};
  const auto connected = co_await remote.connect();
  if (!connected) {
    *finding = {Finding::Level::fail, "ssh " + name, connected.error().message,
                action_for(connected.error())};
    co_return;
  }
  const auto facts = co_await remote.engine().facts();
  if (!facts) {
    *finding = {Finding::Level::fail, "docker " + name, facts.error().message,
                action_for(facts.error())};
    co_return;
  }
  const auto words = fmt::format("SSH works; Docker {} on {}, {}", facts->version,
                                 facts->architecture, facts->storage_driver);
  const auto containers = co_await remote.engine().containers();
  const auto twins = containers ? find_twins(*containers) : std::vector<Twin>{};
  if (!twins.empty()) {
    *finding = {Finding::Level::warn, "docker " + name,
                fmt::format("'{}' runs there, though it moved away (kept as '{}')",
                            twins.front().running, twins.front().retired),
                "stop it there: two of one service write to different data"};
  } else if (facts->storage_driver == "overlay2") {
    *finding = {Finding::Level::ok, "ssh " + name, words, ""};
  } else {
    *finding = {Finding::Level::warn, "docker " + name, words,
                "only overlay2's writable layers can be moved yet"};
  }
}

}  // namespace

Task<Findings> check_remote(Config config, HostList hosts) {
  Findings findings(hosts.size());
  for (std::size_t first = 0; first < hosts.size(); first += at_once) {
    std::vector<Task<>> checks;
    for (std::size_t i = first; i < std::min(first + at_once, hosts.size()); ++i) {
      checks.push_back(check_host(hosts[i], config.ssh, &findings[i]));
    }
    co_await run_all(std::move(checks));
  }
  co_return findings;
}

}  // namespace plimsoll
