#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/units.h"
#include "docker/json_access.h"

namespace plimsoll {

/// A place in a container that something from outside is mounted on.
struct ContainerMount {
  std::string type;         ///< volume, bind, tmpfs, npipe.
  std::string name;         ///< Of a volume.
  std::string source;       ///< Path on the host.
  std::string destination;  ///< Path in the container.
  std::string driver;       ///< Of a volume.
  bool writable = true;
  /// A volume nobody named: it gets a new name wherever it is made. One that Binds or Mounts name
  /// by its 64 digits (Compose does, when it makes a container anew) is a named one.
  bool anonymous = false;
};

struct PortBinding {
  std::string container_port;  ///< "80/tcp".
  std::string host_address;    ///< "" is every address.
  std::uint16_t host_port = 0;
};

/// What we need of `GET /containers/ID/json`, beside the document itself.
struct ContainerInspect {
  std::string id;
  std::string name;  ///< Without the slash.
  std::string image_id;
  std::string image;  ///< As its creator wrote it.
  std::string created;
  std::string state;   ///< running, exited, created, paused, restarting, removing, dead.
  std::string health;  ///< healthy, unhealthy, starting, or "" without a check.
  std::int64_t exit_code = 0;
  std::int64_t pid = 0;
  std::string started_at;
  /// How long its health check may take to say healthy or not, by its own settings.
  /// Source: Docker's documentation of HEALTHCHECK; absent values are Docker's defaults.
  std::chrono::milliseconds health_patience{0};
  std::string restart_policy;
  std::int64_t restart_retries = 0;
  std::string storage_driver;
  std::string upper_dir;  ///< Of overlay2: the writable layer's folder on the host. "" elsewhere.
  std::string network_mode;
  std::vector<ContainerMount> mounts;
  std::vector<PortBinding> ports;
  std::map<std::string, std::string> labels;
  json::value document;
};

/// The network it was made with, by name, also where it was asked for by id or was left since; the
/// engine's own word ("default", "host", "none", "container:…") where there is no such network.
[[nodiscard]] std::string first_network(const ContainerInspect& container);

/// Docker's own networks, which are there on every host.
[[nodiscard]] bool is_default_network(std::string_view name);
/// The others that the container is in.
[[nodiscard]] std::vector<std::string> user_networks(const ContainerInspect& container);

/// Errors: malformed - it is not an inspect document.
[[nodiscard]] Result<ContainerInspect> parse_container_inspect(json::value document);

struct ImageInspect {
  std::string id;
  std::string architecture;
  Bytes size{};
  std::vector<std::string> diff_ids;  ///< Lowest layer first.
  std::vector<std::string> tags;
  json::value document;
};

/// Errors: malformed.
[[nodiscard]] Result<ImageInspect> parse_image_inspect(json::value document);

}  // namespace plimsoll
