#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/docker_view.h"
#include "runtime/http_client.h"

namespace plimsoll {

/// The few GET requests an agent makes of a Docker or Podman engine.
/// Errors: as HttpClient; malformed; not_found - no such container; refused - any other status.
/// Messages start with "docker: ".
class DockerClient {
 public:
  DockerClient(asio::any_io_executor executor, HttpTarget target, Duration timeout);

  [[nodiscard]] Task<Result<DockerView>> info();
  [[nodiscard]] Task<Result<std::vector<ListedContainer>>> list();
  [[nodiscard]] Task<Result<DockerContainer>> inspect(std::string id);
  [[nodiscard]] Task<Result<std::map<std::string, std::uint64_t>>> images();
  /// Makes the engine walk the writable layer of every container.
  [[nodiscard]] Task<Result<std::map<std::string, std::uint64_t>>> writable_sizes();

  [[nodiscard]] const HttpTarget& target() const { return http_.target(); }

 private:
  [[nodiscard]] Task<Result<std::string>> get(std::string path);

  HttpClient http_;
  Duration timeout_;
};

}  // namespace plimsoll
