#include "hand/stub_keeper.h"

#include <fmt/format.h>

#include "core/text.h"
#include "hand/divert.h"
#include "runtime/deadline.h"
#include "runtime/log.h"
#include "runtime/run_all.h"

namespace plimsoll {
namespace {

using asio::as_tuple;
using asio::use_awaitable;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// While a container stops its port is free for a moment only before clients notice; later nobody
// waits for it.
constexpr Duration try_port_every{2};
constexpr Duration try_port_later_every{50};
constexpr int quick_tries = 30'000;

std::string text_of_endpoint(const tcp::endpoint& endpoint) {
  return fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

ErrorCode listen_at(tcp::acceptor* acceptor, const tcp::endpoint& endpoint) {
  ErrorCode error;
  acceptor->open(endpoint.protocol(), error);
  if (error) return error;
  acceptor->set_option(tcp::acceptor::reuse_address{true}, error);
  // Beside 0.0.0.0, as Docker does it.
  if (endpoint.address().is_v6()) acceptor->set_option(asio::ip::v6_only{true}, error);
  acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  ErrorCode ignored;
  if (error) acceptor->close(ignored);
  return error;
}

bool is_lasting(const ErrorCode& error) {
  return error == asio::error::address_family_not_supported ||
         error == asio::error::access_denied || error == boost::system::errc::address_not_available;
}

}  // namespace

struct StubServer::Port {
  Port(const asio::any_io_executor& executor, const StubPort& wanted)
      : spec(wanted), own(executor), diverted(executor), destination(executor, wanted.to) {}
  StubPort spec;
  tcp::acceptor own;
  tcp::acceptor diverted;
  StubDestination destination;
};

StubServer::StubServer(asio::any_io_executor executor, MoveId move, StubSpec spec)
    : executor_(std::move(executor)), move_(std::move(move)), spec_(std::move(spec)) {
  status_.running = true;
  status_.ports = spec_.ports.size();
  for (const auto& port : spec_.ports) ports_.emplace_back(executor_, port);
}

StubServer::~StubServer() = default;

StubStatus StubServer::status() const {
  auto status = status_;
  status.diverts = diverting_ > 0;
  return status;
}

void StubServer::note(const std::string& problem) {
  if (status_.problem == problem) return;
  status_.problem = problem;
  log::warning("stub: {}", problem);
}

Task<> StubServer::divert_all() {
  for (auto& port : ports_) {
    if (spec_.divert && port.spec.listen.address().is_v4()) co_await divert(&port);
  }
}

Task<> StubServer::run() {
  std::vector<Task<>> tasks;
  for (auto& port : ports_) tasks.push_back(take(&port));
  co_await run_all(std::move(tasks));
}

Task<> StubServer::divert(Port* port) {
  const tcp::endpoint anywhere{tcp::v4(), 0};
  if (const auto error = listen_at(&port->diverted, anywhere)) {
    note("no port to divert to: " + error.message());
    co_return;
  }
  asio::co_spawn(executor_, accept_on(&port->diverted, &port->destination), asio::detached);
  const auto to = port->diverted.local_endpoint().port();
  const auto diverted = co_await divert_port(move_, port->spec.listen, to);
  if (diverted) {
    ++diverting_;
  } else {
    note("cannot divert " + text_of_endpoint(port->spec.listen) + ": " + diverted.error().message);
  }
}

Task<> StubServer::take(Port* port) {
  for (int tries = 0;; ++tries) {
    const auto error = listen_at(&port->own, port->spec.listen);
    if (!error) break;
    if (is_lasting(error)) {
      note(text_of_endpoint(port->spec.listen) + ": " + error.message());
      co_return;
    }
    const bool slept =
        co_await sleep_for(tries < quick_tries ? try_port_every : try_port_later_every);
    if (!slept) co_return;
  }
  ++status_.listening;
  asio::co_spawn(executor_, accept_on(&port->own, &port->destination), asio::detached);
  if (!port->diverted.is_open()) co_return;
  // The port is ours: what was led around it need not be any more.
  const auto ended = co_await end_diverts(move_, port->spec.listen.port());
  if (!ended) note(ended.error().message);
  if (ended && diverting_ > 0) --diverting_;
}

Task<> StubServer::accept_on(tcp::acceptor* acceptor, StubDestination* destination) {
  for (;;) {
    auto [error, client] = co_await acceptor->async_accept(as_tuple(use_awaitable));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      const bool slept = co_await sleep_for(Duration{20});
      if (!slept) co_return;
      continue;
    }
    ++status_.hits;
    if (status_.open >= spec_.connections_max) {
      ++status_.turned_away;
      continue;
    }
    asio::co_spawn(executor_, forward(std::move(client), destination), asio::detached);
  }
}

Task<> StubServer::forward(tcp::socket client, StubDestination* destination) {
  ++status_.open;
  auto there = co_await destination->connect(spec_.hold);
  if (there) {
    co_await relay(&client, &*there);
  } else {
    ++status_.unanswered;
  }
  --status_.open;
}

}  // namespace plimsoll
