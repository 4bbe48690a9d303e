#include <fmt/format.h>

#include <algorithm>

#include "check_parts.h"
#include "core/text.h"
#include "monitor/agent_client.h"

namespace plimsoll {
namespace {

constexpr std::size_t at_once_max = 64;

std::string advice(const std::string& error_class) {
  if (error_class == "connect" || error_class == "timeout") {
    return "start `plimsoll agent` there, and check address, port and firewall";
  }
  if (error_class == "dns") return "check the name in host.csv and this machine's name servers";
  if (error_class == "tls") {
    return "give monitor.tls_ca the authority of that host's certificate, which must be for its ip "
           "in "
           "host.csv; or set scheme there to http";
  }
  if (error_class == "http_401" || error_class == "http_403") {
    return "give agent.token_file the token of that host";
  }
  return "check ip, port and api of this host in host.csv";
}

Finding of_answer(const Host& host, const PollOutcome& outcome) {
  const auto& reading = *outcome.reading;
  Finding finding;
  finding.what = "agent " + host.name.str();
  finding.detail = fmt::format("{}, {} containers, {}",
                               reading.agent_version.empty() ? "the predecessor's format"
                                                             : "version " + reading.agent_version,
                               reading.containers.size(), format_duration(outcome.took));
  const auto& skew = outcome.skew;
  if (!skew) return finding;
  finding.detail +=
      fmt::format(", its clock {:+.2f} s (± {:.2f} s)", skew->ahead_s, skew->uncertainty_s);
  if (skew->is_beyond(clock_skew_warn_s)) {
    finding.level = Finding::Level::warn;
    finding.action = "synchronise the clocks (timedatectl set-ntp true)";
  }
  return finding;
}

class AgentChecks {
 public:
  AgentChecks(asio::any_io_executor executor, const Config& config, HostList hosts)
      : executor_(std::move(executor)),
        access_(make_agent_access(executor_, config.monitor)),
        hosts_(std::move(hosts)),
        results_(hosts_.size()),
        done_(executor_, asio::steady_timer::time_point::max()) {}

  Task<Findings> run() {
    if (hosts_.empty()) co_return Findings{};
    working_ = std::min(at_once_max, hosts_.size());
    for (std::size_t i = 0; i < working_; ++i) asio::co_spawn(executor_, work(), asio::detached);
    co_await done_.async_wait(asio::as_tuple(asio::use_awaitable));
    Findings all;
    for (auto& result : results_) std::move(result.begin(), result.end(), std::back_inserter(all));
    co_return all;
  }

 private:
  Task<> work() {
    while (next_ < hosts_.size()) {
      const std::size_t mine = next_++;
      AgentClient client{executor_, hosts_[mine], access_};
      const auto outcome = co_await client.poll();
      note(mine, outcome);
    }
    if (--working_ == 0) done_.expires_at(asio::steady_timer::time_point::min());
  }

  void note(std::size_t index, const PollOutcome& outcome) {
    const Host& host = hosts_[index];
    const std::string what = "agent " + host.name.str();
    auto& findings = results_[index];
    if (!outcome.reading) {
      findings.push_back({Finding::Level::fail, what, outcome.reading.error().message,
                          advice(outcome.error_class)});
      return;
    }
    findings.push_back(of_answer(host, outcome));
    for (const auto& warning : outcome.reading->warnings) {
      findings.push_back({Finding::Level::warn, what, warning, "see to it on that host"});
    }
  }

  asio::any_io_executor executor_;
  std::shared_ptr<const AgentAccess> access_;
  HostList hosts_;
  std::vector<Findings> results_;
  asio::steady_timer done_;
  std::size_t next_ = 0;
  std::size_t working_ = 0;
};

}  // namespace

Task<Findings> check_agents(Config config, HostList hosts) {
  const auto executor = co_await asio::this_coro::executor;
  AgentChecks checks{executor, config, std::move(hosts)};
  co_return co_await checks.run();
}

}  // namespace plimsoll
