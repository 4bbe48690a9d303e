#include "agent/docker_view.h"

#include <algorithm>
#include <array>

#include "agent/cgroup_names.h"
#include "core/text.h"
#include "telemetry/json_reader.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

constexpr JsonLimits engine_json{32U << 20, 64};
constexpr std::size_t mounts_max = 64;
constexpr std::size_t path_bytes_max = 4096;

std::string text_in(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string{text->data(), text->size()} : std::string{};
}

/// Zero, negative and absent all mean "not set" in Docker's JSON.
std::int64_t number_in(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  const auto* number = value != nullptr ? value->if_int64() : nullptr;
  return number != nullptr ? *number : 0;
}

const boost::json::object* object_in(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  return value != nullptr ? value->if_object() : nullptr;
}

void read_config(const boost::json::object& config, DockerContainer& out) {
  out.image = text_in(config, "Image");
  const auto* labels = object_in(config, "Labels");
  if (labels == nullptr) return;
  for (const auto& [key, value] : *labels) {
    const std::string_view name{key.data(), key.size()};
    if (!is_shown_label(name) || name.size() > 256 || out.labels.size() >= 64) continue;
    const auto* text = value.if_string();
    if (text == nullptr || text->size() > 1024) continue;
    out.labels.emplace(name, std::string{text->data(), text->size()});
  }
}

/// Nothing for Docker's "never", which is in the year 1, and for times of another zone.
std::optional<TimePoint> time_in(const boost::json::object& object, std::string_view name) {
  const auto time = parse_rfc3339(text_in(object, name));
  if (!time || *time < TimePoint{}) return std::nullopt;
  return *time;
}

void add_mount(MountReading mount, std::vector<MountReading>& out) {
  const bool fits = mount.destination.size() <= path_bytes_max &&
                    mount.source.size() <= path_bytes_max && mount.name.size() <= path_bytes_max;
  if (fits && !mount.destination.empty() && out.size() < mounts_max) {
    out.push_back(std::move(mount));
  }
}

void read_mounts(const boost::json::object& root, std::vector<MountReading>& out) {
  const auto* list = root.if_contains("Mounts");
  const auto* mounts = list != nullptr ? list->if_array() : nullptr;
  if (mounts == nullptr) return;
  for (const auto& element : *mounts) {
    const auto* mount = element.if_object();
    if (mount == nullptr) continue;
    const auto* writable = mount->if_contains("RW");
    const bool read_only = writable != nullptr && writable->is_bool() && !writable->get_bool();
    add_mount({text_in(*mount, "Type"), text_in(*mount, "Name"), text_in(*mount, "Source"),
               text_in(*mount, "Destination"), !read_only},
              out);
  }
}

void read_state(const boost::json::object& state, DockerContainer& out) {
  out.state = text_in(state, "Status");
  out.started_at = time_in(state, "StartedAt");
  const auto pid = number_in(state, "Pid");
  out.pid = pid > 0 && pid <= 4'194'304 ? static_cast<int>(pid) : 0;
  if (const auto* health = object_in(state, "Health")) {
    const std::string status = text_in(*health, "Status");
    if (!status.empty() && status != "none") out.health = status;
  }
}

void read_host_config(const boost::json::object& host, DockerContainer& out) {
  out.cgroup_parent = text_in(host, "CgroupParent");
  const std::string network = text_in(host, "NetworkMode");
  out.own_network = network != "host" && !network.starts_with("container:");
  if (const auto memory = number_in(host, "Memory"); memory > 0) {
    out.memory_limit = static_cast<std::uint64_t>(memory);
  }
  const auto nano_cpus = static_cast<double>(number_in(host, "NanoCpus"));
  const auto quota = static_cast<double>(number_in(host, "CpuQuota"));
  const auto period = static_cast<double>(number_in(host, "CpuPeriod"));
  if (nano_cpus > 0) {
    out.cpu_limit_cores = nano_cpus / 1e9;
  } else if (quota > 0) {
    constexpr double default_period_us = 100'000;
    out.cpu_limit_cores = quota / (period > 0 ? period : default_period_us);
  }
}

/// Those of --tmpfs are not among the mounts.
void read_tmpfs(const boost::json::object& host, std::vector<MountReading>& out) {
  const auto* tmpfs = object_in(host, "Tmpfs");
  if (tmpfs == nullptr) return;
  for (const auto& [path, options] : *tmpfs) {
    add_mount({"tmpfs", "", "", std::string{path.data(), path.size()}, true}, out);
  }
}

/// "(healthy)" of "Up 5 minutes (healthy)", "(0)" of "Exited (0) 3 hours ago": the part of a status
/// that does not grow older.
std::string_view lasting_part(std::string_view status) {
  const auto open = std::min(status.find('('), status.size());
  status.remove_prefix(open);
  return status.substr(0, status.find(')'));
}

/// Out of ["/name", "/other/alias"]: a link has another container's name in front.
std::string own_name(const boost::json::value& names) {
  const auto* list = names.if_array();
  if (list == nullptr) return {};
  for (const auto& element : *list) {
    const auto* text = element.if_string();
    if (text == nullptr) continue;
    std::string_view name{text->data(), text->size()};
    if (name.starts_with('/')) name.remove_prefix(1);
    if (name.find('/') == std::string_view::npos) return std::string{name};
  }
  return {};
}

ListedContainer listed(const boost::json::object& container) {
  ListedContainer out;
  out.id = text_in(container, "Id");
  out.state = text_in(container, "State");
  if (const auto* names = container.if_contains("Names")) {
    out.summary = boost::json::serialize(*names);
    out.name = own_name(*names);
  }
  for (const char* member : {"Image", "ImageID", "State"}) {
    out.summary += ' ' + text_in(container, member);
  }
  out.summary += lasting_part(text_in(container, "Status"));
  return out;
}

Error not_of_form(const char* what) {
  return {Errc::malformed, std::string{"docker: the answer is not "} + what};
}

/// A slash in front of a cgroup parent, no step upwards in it.
std::string checked_parent(const std::string& parent) {
  if (parent.empty() || parent.find("..") != std::string::npos) return {};
  return parent.starts_with('/') ? parent : "/" + parent;
}

}  // namespace

bool is_shown_label(std::string_view name) {
  return name.starts_with("plimsoll.") || name == "com.docker.compose.project" ||
         name == "com.docker.compose.service";
}

Result<std::vector<ListedContainer>> parse_container_list(std::string_view json) {
  const auto document = JsonDocument::parse(json, engine_json);
  if (!document) return document.error().in("docker");
  const auto* list = document->root().if_array();
  if (list == nullptr) return not_of_form("a list of containers");
  std::vector<ListedContainer> containers;
  for (const auto& element : *list) {
    const auto* container = element.if_object();
    auto read = container != nullptr ? listed(*container) : ListedContainer{};
    if (!is_container_id(read.id)) return not_of_form("a list of containers with their ids");
    if (containers.size() < containers_max) containers.push_back(std::move(read));
  }
  return containers;
}

Result<std::map<std::string, std::uint64_t>> parse_writable_sizes(std::string_view json) {
  const auto document = JsonDocument::parse(json, engine_json);
  if (!document) return document.error().in("docker");
  const auto* list = document->root().if_array();
  if (list == nullptr) return not_of_form("a list of containers");
  std::map<std::string, std::uint64_t> sizes;
  for (const auto& element : *list) {
    const auto* container = element.if_object();
    // Left out where it is zero.
    if (container == nullptr || sizes.size() >= containers_max) continue;
    const auto bytes = std::max<std::int64_t>(number_in(*container, "SizeRw"), 0);
    sizes[text_in(*container, "Id")] = static_cast<std::uint64_t>(bytes);
  }
  return sizes;
}

Result<DockerContainer> parse_container(std::string_view json) {
  const auto document = JsonDocument::parse(json, engine_json);
  if (!document) return document.error().in("docker");
  const auto* root = document->root().if_object();
  if (root == nullptr) return not_of_form("a container");
  DockerContainer out;
  out.id = text_in(*root, "Id");
  if (!is_container_id(out.id)) return not_of_form("a container with its id");
  std::string_view name = out.name = text_in(*root, "Name");
  if (name.starts_with('/')) out.name.erase(0, 1);
  out.image_id = text_in(*root, "Image");
  if (const auto restarts = number_in(*root, "RestartCount"); restarts >= 0) {
    out.restarts = static_cast<std::uint64_t>(restarts);
  }
  if (const auto* config = object_in(*root, "Config")) read_config(*config, out);
  if (const auto* state = object_in(*root, "State")) read_state(*state, out);
  read_mounts(*root, out.mounts);
  if (const auto* host = object_in(*root, "HostConfig")) {
    read_host_config(*host, out);
    read_tmpfs(*host, out.mounts);
  }
  out.cgroup_parent = checked_parent(out.cgroup_parent);
  return out;
}

Result<std::map<std::string, std::uint64_t>> parse_images(std::string_view json) {
  const auto document = JsonDocument::parse(json, engine_json);
  if (!document) return document.error().in("docker");
  const auto* list = document->root().if_array();
  if (list == nullptr) return not_of_form("a list of images");
  std::map<std::string, std::uint64_t> sizes;
  for (const auto& element : *list) {
    const auto* image = element.if_object();
    if (image == nullptr) continue;
    const auto bytes = number_in(*image, "Size");
    if (bytes > 0) sizes[text_in(*image, "Id")] = static_cast<std::uint64_t>(bytes);
  }
  return sizes;
}

Result<DockerView> parse_info(std::string_view json) {
  const auto document = JsonDocument::parse(json, engine_json);
  if (!document) return document.error().in("docker");
  const auto* root = document->root().if_object();
  if (root == nullptr) return not_of_form("its information");
  DockerView view;
  if (auto version = text_in(*root, "ServerVersion"); !version.empty()) view.version = version;
  if (auto driver = text_in(*root, "Driver"); !driver.empty()) view.storage_driver = driver;
  view.root_dir = text_in(*root, "DockerRootDir");
  if (!view.root_dir.starts_with('/')) view.root_dir.clear();
  return view;
}

Result<DockerEvent> parse_event(std::string_view json) {
  const auto document = JsonDocument::parse(json, JsonLimits{1U << 20, 64});
  if (!document) return document.error().in("docker events");
  const auto* root = document->root().if_object();
  if (root == nullptr) return not_of_form("an event");
  DockerEvent event;
  const std::string type = text_in(*root, "Type");
  const std::string action = text_in(*root, "Action");
  if (type == "image") event.kind = DockerEvent::Kind::image;
  if (type != "container") return event;
  static constexpr std::array<std::string_view, 6> quiet{"exec_", "attach",       "detach",
                                                         "top",   "archive-path", "resize"};
  if (std::ranges::any_of(quiet, [&](auto start) { return action.starts_with(start); })) {
    return event;
  }
  const auto* actor = object_in(*root, "Actor");
  event.id = actor != nullptr ? text_in(*actor, "ID") : text_in(*root, "id");
  if (is_container_id(event.id)) event.kind = DockerEvent::Kind::container;
  return event;
}

}  // namespace plimsoll
