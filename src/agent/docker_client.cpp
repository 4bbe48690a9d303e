#include "agent/docker_client.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr HttpLimits engine_limits{32U << 20, 16U << 10};

}  // namespace

DockerClient::DockerClient(asio::any_io_executor executor, HttpTarget target, Duration timeout)
    : http_(std::move(executor), std::move(target), engine_limits), timeout_(timeout) {}

Task<Result<std::string>> DockerClient::get(std::string path) {
  HttpRequest request;
  request.target = path;
  auto response = co_await http_.send(std::move(request), timeout_);
  if (!response) co_return response.error().in("docker");
  if (response->ok()) co_return std::move(response->body);
  co_return Error{response->status == 404 ? Errc::not_found : Errc::refused,
                  fmt::format("docker: GET {}: status {}: {}", path, response->status,
                              printable(response->body, 120))};
}

Task<Result<DockerView>> DockerClient::info() {
  const auto body = co_await get("/info");
  if (!body) co_return body.error();
  co_return parse_info(*body);
}

Task<Result<std::vector<ListedContainer>>> DockerClient::list() {
  const auto body = co_await get("/containers/json?all=1");
  if (!body) co_return body.error();
  co_return parse_container_list(*body);
}

Task<Result<DockerContainer>> DockerClient::inspect(std::string id) {
  const auto body = co_await get("/containers/" + id + "/json");
  if (!body) co_return body.error();
  co_return parse_container(*body);
}

Task<Result<std::map<std::string, std::uint64_t>>> DockerClient::writable_sizes() {
  const auto body = co_await get("/containers/json?all=1&size=1");
  if (!body) co_return body.error();
  co_return parse_writable_sizes(*body);
}

Task<Result<std::map<std::string, std::uint64_t>>> DockerClient::images() {
  const auto body = co_await get("/images/json");
  if (!body) co_return body.error();
  co_return parse_images(*body);
}

}  // namespace plimsoll
