#include "orchestrate/remote_host.h"

#include <fmt/format.h>

namespace plimsoll {
namespace {

Error no_engine(const std::string& host, const std::string& words) {
  return {
      Errc::unreachable,
      fmt::format("{}: SSH works, but no Docker engine answers at /var/run/docker.sock there: is "
                  "dockerd running, may the SSH user use it? ({})",
                  host, words)};
}

}  // namespace

RemoteHost::RemoteHost(asio::any_io_executor executor, Host host, SshConfig config)
    : executor_(std::move(executor)), host_(std::move(host)), config_(std::move(config)) {}

/// The socket here that leads to the engine there.
Task<Result<HttpTarget>> RemoteHost::reach_engine() {
  if (!order_) {
    HttpTarget direct = session_->docker();
    Engine engine{executor_, direct};
    const auto facts = co_await engine.facts();
    if (facts) co_return direct;
    // Who may not use the socket may look through our executable, where sudo lets him run it.
    const auto user = host_.ssh_user.value_or(config_.user);
    if (user.empty() || user == "root")
      co_return no_engine(host_.name.str(), facts.error().message);
  }
  const auto file = co_await own_executable();
  if (!file) co_return file.error();
  const auto place = co_await ensure_hand(session_.get(), *file);
  if (!place) co_return place.error();
  if (!order_) {
    auto looked = co_await Hand::open_look(session_.get(), *place);
    co_return looked;
  }
  hand_ = std::make_unique<Hand>(session_.get(), *place, *order_);
  auto gate = co_await hand_->open_gate();
  co_return gate;
}

Task<Result<void>> RemoteHost::connect() {
  if (engine_) co_return Result<void>{};
  forget();
  auto session = co_await SshSession::open(executor_, host_, config_);
  if (!session) co_return session.error();
  session_ = std::move(*session);
  const auto target = co_await reach_engine();
  if (!target) {
    forget();
    co_return target.error();
  }
  auto engine = std::make_unique<Engine>(executor_, *target);
  const auto facts = co_await engine->facts();
  if (!facts) {
    forget();
    co_return no_engine(host_.name.str(), facts.error().message);
  }
  engine_ = std::move(engine);
  co_return Result<void>{};
}

void RemoteHost::forget() {
  engine_.reset();
  hand_.reset();
  session_.reset();
}

}  // namespace plimsoll
