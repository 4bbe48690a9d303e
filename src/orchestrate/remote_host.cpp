#include "orchestrate/remote_host.h"

#include <fmt/format.h>

namespace plimsoll {

RemoteHost::RemoteHost(asio::any_io_executor executor, Host host, SshConfig config)
    : executor_(std::move(executor)), host_(std::move(host)), config_(std::move(config)) {}

Task<Result<void>> RemoteHost::connect() {
  if (session_) co_return Result<void>{};
  auto session = co_await SshSession::open(executor_, host_, config_);
  if (!session) co_return session.error();
  auto engine = std::make_unique<Engine>(executor_, (*session)->docker());
  const auto facts = co_await engine->facts();
  if (!facts) {
    co_return Error{Errc::unreachable,
                    fmt::format("{}: SSH works, but no Docker engine answers at "
                                "/var/run/docker.sock there: is dockerd running, may the SSH user "
                                "use it? ({})",
                                host_.name.str(), facts.error().message)};
  }
  session_ = std::move(*session);
  engine_ = std::move(engine);
  co_return Result<void>{};
}

void RemoteHost::forget() {
  engine_.reset();
  session_.reset();
}

}  // namespace plimsoll
