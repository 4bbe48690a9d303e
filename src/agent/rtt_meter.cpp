#include "agent/rtt_meter.h"

#include <algorithm>
#include <numeric>

#include "agent/ping_socket.h"
#include "runtime/deadline.h"
#include "runtime/host_names.h"

namespace plimsoll {
namespace {

using asio::ip::tcp;

Task<Result<double>> connect_once(tcp::endpoint endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket{executor};
  const auto start = std::chrono::steady_clock::now();
  const auto [error] = co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (error && error != asio::error::connection_refused) {
    co_return Error{Errc::unreachable, error.message()};
  }
  co_return took.count();
}

RttReport report_of(std::string host, const std::vector<double>& times_ms, int probes) {
  RttReport report;
  report.host = std::move(host);
  report.loss = 1.0 - static_cast<double>(times_ms.size()) / probes;
  if (times_ms.empty()) return report;
  const double sum = std::accumulate(times_ms.begin(), times_ms.end(), 0.0);
  report.avg_ms = sum / static_cast<double>(times_ms.size());
  report.min_ms = std::ranges::min(times_ms);
  report.max_ms = std::ranges::max(times_ms);
  return report;
}

}  // namespace

struct RttMeter::Batch {
  Batch(const asio::any_io_executor& executor, RttConfig c, std::shared_ptr<std::size_t> l)
      : done(executor), config(c), lookups(std::move(l)) {}
  std::vector<RttReport> reports;
  std::size_t left = 0;
  asio::steady_timer done;
  RttConfig config;
  std::shared_ptr<std::size_t> lookups;
};

RttMeter::RttMeter(asio::any_io_executor executor, RttConfig config)
    : executor_(std::move(executor)), config_(config) {}

Task<std::vector<RttReport>> RttMeter::measure(std::vector<std::string> hosts) {
  auto batch = std::make_shared<Batch>(executor_, config_, lookups_);
  for (const auto& host : hosts) batch->reports.push_back({host, 0, 0, 0, 1});
  batch->left = hosts.size();
  batch->done.expires_after(config_.lookup_timeout + config_.probe_timeout * (config_.probes + 1));
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    asio::co_spawn(executor_, measure_into(batch, i), asio::detached);
  }
  if (batch->left > 0) co_await batch->done.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return batch->reports;
}

Task<> RttMeter::measure_into(std::shared_ptr<Batch> batch, std::size_t index) {
  const RttConfig config = batch->config;
  const std::string host = batch->reports.at(index).host;
  std::vector<double> times_ms;
  const auto address = co_await resolve(batch, host);
  if (address) {
    auto ping = PingSocket::open(batch->done.get_executor(), *address);
    for (int i = 0; i < config.probes; ++i) {
      const tcp::endpoint endpoint{*address, config.tcp_port};
      auto probe = ping ? ping->echo(static_cast<std::uint16_t>(i + 1)) : connect_once(endpoint);
      const auto took = co_await with_deadline(std::move(probe), config.probe_timeout, host);
      if (took) times_ms.push_back(*took);
    }
  }
  batch->reports.at(index) = report_of(host, times_ms, config.probes);
  if (--batch->left == 0) batch->done.cancel();
}

Task<std::optional<asio::ip::address>> RttMeter::resolve(std::shared_ptr<Batch> batch,
                                                         std::string host) {
  if (*batch->lookups >= rtt_hosts_max) co_return std::nullopt;
  const auto limit = batch->config.lookup_timeout;
  const auto found = co_await resolve_host(std::move(host), limit, batch->lookups);
  if (!found) co_return std::nullopt;
  co_return found->front();
}

}  // namespace plimsoll
