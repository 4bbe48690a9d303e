#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

// How engines and systemd name the cgroups of containers.

/// 64 hexadecimal digits.
[[nodiscard]] bool is_container_id(std::string_view text);

/// The container whose cgroup has that last part of its path: ID, docker-ID.scope, libpod-ID.scope,
/// libpod-ID, crio-ID.scope, cri-containerd-ID.scope and the like. Nothing for others, among them
/// libpod-conmon-ID.scope, which holds Podman's monitor of the container.
[[nodiscard]] std::optional<std::string_view> container_of_directory(std::string_view name);

/// The start of a cgroup's path up to the part that is the container's own; "" where none is.
/// Inside of it there may be more: Podman puts the processes into ID.scope/container, systemd in a
/// container makes a whole tree.
[[nodiscard]] std::string_view container_part(std::string_view path, std::string_view id);

/// Where systemd puts a slice: "a-b.slice" is /a.slice/a-b.slice. What is no slice's name comes
/// back with a slash in front. Source: systemd.slice(5).
[[nodiscard]] std::string slice_path(std::string_view slice);

}  // namespace plimsoll
