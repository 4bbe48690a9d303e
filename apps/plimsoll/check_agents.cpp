#include <fmt/format.h>

#include <algorithm>

#include "check_parts.h"
#include "core/text.h"
#include "monitor/agent_client.h"

namespace plimsoll {
namespace {

constexpr std::size_t at_once_max = 64;
constexpr Duration clock_difference_max{10'000};

std::string advice(const std::string& error_class) {
  if (error_class == "connect" || error_class == "timeout") {
    return "start `plimsoll agent` there, and check address, port and firewall";
  }
  if (error_class == "http_401" || error_class == "http_403") {
    return "give agent.token_file the token of that host";
  }
  return "check ip, port and api of this host in host.csv";
}

Finding of_answer(const Host& host, const HostReading& reading, Duration took) {
  Finding finding;
  finding.what = "agent " + host.name.str();
  const bool legacy = reading.agent_version.empty();
  finding.detail =
      fmt::format("{}, {} containers, {}",
                  legacy ? "the predecessor's format" : "version " + reading.agent_version,
                  reading.containers.size(), format_duration(took));
  const auto apart = std::chrono::abs(wall_clock_now() - reading.sampled_at);
  if (!legacy && apart > clock_difference_max) {
    finding.level = Finding::Level::warn;
    finding.detail += fmt::format(", its clock or its last sample is {} off",
                                  format_duration(std::chrono::duration_cast<Duration>(apart)));
    finding.action = "synchronise the clocks";
  }
  return finding;
}

class AgentChecks {
 public:
  AgentChecks(asio::any_io_executor executor, Config config, HostList hosts)
      : executor_(std::move(executor)),
        config_(std::move(config)),
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
      AgentClient client{executor_, hosts_[mine], config_.monitor};
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
    findings.push_back(of_answer(host, *outcome.reading, outcome.took));
    for (const auto& warning : outcome.reading->warnings) {
      findings.push_back({Finding::Level::warn, what, warning, "see to it on that host"});
    }
  }

  asio::any_io_executor executor_;
  Config config_;
  HostList hosts_;
  std::vector<Findings> results_;
  asio::steady_timer done_;
  std::size_t next_ = 0;
  std::size_t working_ = 0;
};

}  // namespace

Task<Findings> check_agents(Config config, HostList hosts) {
  const auto executor = co_await asio::this_coro::executor;
  AgentChecks checks{executor, std::move(config), std::move(hosts)};
  co_return co_await checks.run();
}

}  // namespace plimsoll
