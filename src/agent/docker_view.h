#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// What the Docker engine says of one container; figures come from its cgroup.
struct DockerContainer {
  std::string id;
  std::string name;
  std::string image;
  std::string image_id;
  std::string state;
  std::optional<std::string> health;
  std::optional<std::uint64_t> restarts;
  std::optional<TimePoint> started_at;        ///< Of its last start.
  std::map<std::string, std::string> labels;  ///< Only those that may be shown.
  std::vector<MountReading> mounts;
  int pid = 0;  ///< 0: it does not run, or `is_bare`.
  /// The engine has not described it: only what a list or its cgroup shows is known.
  bool is_bare = false;
  /// Not the host's or another container's. One without a network (`none`) is its own too: it has
  /// received and sent nothing.
  bool own_network = false;
  std::string cgroup_parent;
  std::optional<double> cpu_limit_cores;
  std::optional<std::uint64_t> memory_limit;
  std::optional<std::uint64_t> image_bytes, writable_bytes;
  friend bool operator==(const DockerContainer&, const DockerContainer&) = default;

  /// Whether it has processes.
  [[nodiscard]] bool runs() const {
    return pid != 0 || (is_bare && (state == "running" || state == "paused"));
  }
};

/// What is known of the engine at one moment. Never changed once handed out.
struct DockerView {
  std::optional<std::string> version, storage_driver;
  std::string root_dir;  ///< "" - not known.
  std::vector<DockerContainer> containers;
  /// No engine has ever told its containers, and there is none to wait for: they are known by their
  /// cgroups alone.
  bool is_blind = false;
  /// Why the above is missing or old; "" when it is not.
  std::string warning;
};
using DockerViewPtr = std::shared_ptr<const DockerView>;

/// A container as a list shows it: enough to see that something changed.
struct ListedContainer {
  std::string id, name, state;
  std::string summary;  ///< Names, image, state, health; the same as long as these are.
  friend bool operator==(const ListedContainer&, const ListedContainer&) = default;
};
/// An answer of GET /containers/json. Errors: malformed.
[[nodiscard]] Result<std::vector<ListedContainer>> parse_container_list(std::string_view json);
/// Id -> bytes of the writable layer, out of GET /containers/json?size=1. Errors: malformed.
[[nodiscard]] Result<std::map<std::string, std::uint64_t>> parse_writable_sizes(
    std::string_view json);
/// An answer of GET /containers/ID/json. Errors: malformed.
[[nodiscard]] Result<DockerContainer> parse_container(std::string_view json);
/// Image id -> bytes, out of GET /images/json. Errors: malformed.
[[nodiscard]] Result<std::map<std::string, std::uint64_t>> parse_images(std::string_view json);
/// Version, driver and root out of GET /info. Errors: malformed.
[[nodiscard]] Result<DockerView> parse_info(std::string_view json);

/// One line of GET /events.
struct DockerEvent {
  enum class Kind { container, image, other };
  Kind kind = Kind::other;
  std::string id;
};
/// `other` also for what changes nothing we show: exec and the like, which health checks cause
/// every few seconds. Errors: malformed.
[[nodiscard]] Result<DockerEvent> parse_event(std::string_view json);

/// Labels may hold secrets, so only ours and Compose's project and service leave the host.
[[nodiscard]] bool is_shown_label(std::string_view name);

}  // namespace plimsoll
