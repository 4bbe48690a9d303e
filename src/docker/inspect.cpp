#include "docker/inspect.h"

#include <algorithm>

#include "core/text.h"

namespace plimsoll {
namespace {

const json::array& elements(const json::value& value) {
  static const json::array none;
  const auto* array = value.if_array();
  return array == nullptr ? none : *array;
}

const json::object& fields(const json::value& value) {
  static const json::object none;
  const auto* object = value.if_object();
  return object == nullptr ? none : *object;
}

/// Docker names what nobody named with 64 hex digits.
bool is_generated_name(std::string_view name) {
  return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

ContainerMount parse_mount(const json::value& value) {
  ContainerMount mount;
  mount.type = text_of(member(value, "Type"));
  mount.name = text_of(member(value, "Name"));
  mount.source = text_of(member(value, "Source"));
  mount.destination = text_of(member(value, "Destination"));
  mount.driver = text_of(member(value, "Driver"));
  mount.writable = is_true(member(value, "RW"));
  return mount;
}

bool is_asked_for(const json::value& host, const std::string& volume) {
  const auto binds = elements(member(host, "Binds"));
  const auto mounts = elements(member(host, "Mounts"));
  return std::ranges::any_of(
             binds, [&](const auto& bind) { return text_of(bind).starts_with(volume + ":"); }) ||
         std::ranges::any_of(
             mounts, [&](const auto& mount) { return text_of(member(mount, "Source")) == volume; });
}

std::vector<ContainerMount> parse_mounts(const json::value& document) {
  std::vector<ContainerMount> mounts;
  for (const auto& value : elements(member(document, "Mounts"))) {
    ContainerMount mount = parse_mount(value);
    mount.anonymous = mount.type == "volume" && is_generated_name(mount.name) &&
                      !is_asked_for(member(document, "HostConfig"), mount.name);
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

std::vector<PortBinding> parse_ports(const json::value& document) {
  // A container that is stopped has its ports only in what was asked for.
  const auto& settings = fields(member(member(document, "NetworkSettings"), "Ports"));
  const auto& asked = fields(member(member(document, "HostConfig"), "PortBindings"));
  std::vector<PortBinding> ports;
  for (const auto& [port, bindings] : settings.empty() ? asked : settings) {
    for (const auto& binding : elements(bindings)) {
      PortBinding found;
      found.container_port = std::string{port};
      found.host_address = text_of(member(binding, "HostIp"));
      found.host_port =
          parse_number<std::uint16_t>(text_of(member(binding, "HostPort"))).value_or(0);
      if (found.host_port != 0) ports.push_back(std::move(found));
    }
  }
  return ports;
}

std::map<std::string, std::string> parse_labels(const json::value& config) {
  std::map<std::string, std::string> labels;
  for (const auto& [name, value] : fields(member(config, "Labels"))) {
    labels.emplace(std::string{name}, text_of(value));
  }
  return labels;
}

void parse_state(const json::value& state, ContainerInspect& container) {
  container.state = text_of(member(state, "Status"));
  container.exit_code = integer_of(member(state, "ExitCode")).value_or(0);
  container.pid = integer_of(member(state, "Pid")).value_or(0);
  container.started_at = text_of(member(state, "StartedAt"));
  container.health = text_of(member(member(state, "Health"), "Status"));
  if (container.health == "none") container.health.clear();
}

std::chrono::milliseconds health_patience(const json::value& check) {
  const auto ms = [&](const char* field, std::int64_t standard_ms) {
    const auto ns = integer_of(member(check, field)).value_or(0);
    return ns > 0 ? ns / 1'000'000 : standard_ms;
  };
  const auto tries = integer_of(member(check, "Retries")).value_or(0);
  const auto probe = ms("Interval", 30'000) + ms("Timeout", 30'000);
  return std::chrono::milliseconds{ms("StartPeriod", 0) + ((tries > 0 ? tries : 3) + 1) * probe};
}

}  // namespace

Result<ContainerInspect> parse_container_inspect(json::value document) {
  ContainerInspect container;
  container.id = text_of(member(document, "Id"));
  container.name = text_of(member(document, "Name"));
  if (container.name.starts_with('/')) container.name.erase(0, 1);
  const auto& config = member(document, "Config");
  const auto& host = member(document, "HostConfig");
  if (!is_generated_name(container.id) || !config.is_object() || !host.is_object()) {
    return Error{Errc::malformed, "the engine's answer is not a container's inspect document"};
  }
  container.image_id = text_of(member(document, "Image"));
  container.image = text_of(member(config, "Image"));
  container.created = text_of(member(document, "Created"));
  parse_state(member(document, "State"), container);
  container.health_patience = health_patience(member(config, "Healthcheck"));
  const auto& restart = member(host, "RestartPolicy");
  container.restart_policy = text_of(member(restart, "Name"));
  if (container.restart_policy.empty()) container.restart_policy = "no";
  container.restart_retries = integer_of(member(restart, "MaximumRetryCount")).value_or(0);
  const auto& driver = member(document, "GraphDriver");
  container.storage_driver = text_of(member(driver, "Name"));
  container.upper_dir = text_of(member(member(driver, "Data"), "UpperDir"));
  container.network_mode = text_of(member(host, "NetworkMode"));
  container.mounts = parse_mounts(document);
  container.ports = parse_ports(document);
  container.labels = parse_labels(config);
  container.document = std::move(document);
  return container;
}

bool is_default_network(std::string_view name) {
  return name == "bridge" || name == "default" || name == "host" || name == "none";
}

std::vector<std::string> user_networks(const ContainerInspect& container) {
  std::vector<std::string> names;
  const auto* networks =
      member(member(container.document, "NetworkSettings"), "Networks").if_object();
  if (networks == nullptr) return names;
  for (const auto& entry : *networks) {
    const std::string name{entry.key()};
    if (!is_default_network(name)) names.push_back(name);
  }
  return names;
}

std::string first_network(const ContainerInspect& container) {
  const std::string& mode = container.network_mode;
  if (mode == "host" || mode == "none" || mode.starts_with("container:")) return mode;
  const auto& networks = fields(member(member(container.document, "NetworkSettings"), "Networks"));
  const std::string named = mode == "default" || mode.empty() ? "bridge" : mode;
  if (networks.empty() || networks.contains(named)) return mode;
  for (const auto& [name, endpoint] : networks) {
    const auto id = text_of(member(endpoint, "NetworkID"));
    if (mode.size() >= 12 && id.starts_with(mode)) return std::string{name};
  }
  return std::string{networks.begin()->key()};
}

Result<ImageInspect> parse_image_inspect(json::value document) {
  ImageInspect image;
  image.id = text_of(member(document, "Id"));
  image.architecture = text_of(member(document, "Architecture"));
  image.size = Bytes{static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, integer_of(member(document, "Size")).value_or(0)))};
  for (const auto& layer : elements(member(member(document, "RootFS"), "Layers"))) {
    image.diff_ids.push_back(text_of(layer));
  }
  for (const auto& tag : elements(member(document, "RepoTags"))) image.tags.push_back(text_of(tag));
  if (!image.id.starts_with("sha256:")) {
    return Error{Errc::malformed, "the engine's answer is not an image's inspect document"};
  }
  image.document = std::move(document);
  return image;
}

}  // namespace plimsoll
