#include "docker/create_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace plimsoll {
namespace {

json::object object_of(const json::value& value) {
  const auto* object = value.if_object();
  return object == nullptr ? json::object{} : *object;
}

json::array array_of(const json::value& value) {
  const auto* array = value.if_array();
  return array == nullptr ? json::array{} : *array;
}

bool is_default_network(std::string_view name) {
  return name == "bridge" || name == "default" || name == "host" || name == "none";
}

template <class Predicate>
void drop_if(json::array& array, Predicate predicate) {
  array.erase(std::remove_if(array.begin(), array.end(), predicate), array.end());
}

/// Elements the image would add by itself.
void subtract_list(json::object& config, const json::value& defaults, std::string_view field) {
  const auto from_image = array_of(member(defaults, field));
  auto kept = array_of(member(json::value(config), field));
  drop_if(kept, [&](const json::value& value) {
    return std::find(from_image.begin(), from_image.end(), value) != from_image.end();
  });
  if (kept.empty()) {
    config.erase(field);
  } else {
    config[field] = kept;
  }
}

void subtract_map(json::object& config, const json::value& defaults, std::string_view field) {
  const auto from_image = object_of(member(defaults, field));
  auto kept = object_of(member(json::value(config), field));
  for (const auto& [name, value] : from_image) {
    const auto found = kept.find(name);
    if (found != kept.end() && found->value() == value) kept.erase(found);
  }
  if (kept.empty()) {
    config.erase(field);
  } else {
    config[field] = kept;
  }
}

void subtract_image(json::object& config, const json::value& defaults) {
  subtract_list(config, defaults, "Env");
  subtract_map(config, defaults, "Labels");
  subtract_map(config, defaults, "ExposedPorts");
  const json::value whole = config;
  for (const char* field : {"WorkingDir", "User", "StopSignal", "Healthcheck", "Shell"}) {
    if (member(whole, field) == member(defaults, field)) config.erase(field);
  }
  // An entry point given by hand wipes the image's command, so the two are left out together only.
  if (member(whole, "Entrypoint") == member(defaults, "Entrypoint") &&
      member(whole, "Cmd") == member(defaults, "Cmd")) {
    config.erase("Entrypoint");
    config.erase("Cmd");
  } else if (is_unset(member(whole, "Entrypoint")) && !is_unset(member(defaults, "Entrypoint"))) {
    // --entrypoint "": null would bring the image's entry point back.
    config["Entrypoint"] = json::array{""};
  }
  config.erase("OnBuild");
}

/// Docker makes a host name of the id's start where none was given; the copy has an id of its own.
void drop_generated_names(json::object& config, const ContainerInspect& container) {
  const auto hostname = text_of(member(json::value(config), "Hostname"));
  const auto& mode = container.network_mode;
  const auto uts = text_of(member(member(container.document, "HostConfig"), "UTSMode"));
  if (hostname == container.id.substr(0, 12) || mode == "host" || mode.starts_with("container:") ||
      uts == "host") {
    config.erase("Hostname");
  }
  // Set only where a user chose it; from API 1.44 on it belongs to the endpoint.
  if (is_unset(member(json::value(config), "MacAddress"))) config.erase("MacAddress");
}

void label(json::object& config, const std::map<std::string, std::string>& labels) {
  auto all = object_of(member(json::value(config), "Labels"));
  std::vector<std::string> stale;
  for (const auto& entry : all) {
    if (std::string_view{entry.key()}.starts_with(move_label_prefix))
      stale.emplace_back(entry.key());
  }
  for (const auto& name : stale) all.erase(name);
  for (const auto& [name, value] : labels) all[name] = value;
  config["Labels"] = all;
}

/// Bound to every address: not named, or named for IPv4 and IPv6 both. One of the two alone was
/// somebody's choice.
bool is_every_address(const ContainerInspect& container, const PortBinding& port) {
  if (port.host_address.empty()) return true;
  const auto bound = [&](const char* address) {
    return std::ranges::any_of(container.ports, [&](const PortBinding& other) {
      return other.container_port == port.container_port && other.host_port == port.host_port &&
             other.host_address == address;
    });
  };
  return (port.host_address == "0.0.0.0" || port.host_address == "::") && bound("0.0.0.0") &&
         bound("::");
}

/// Ports that Docker chose are written down, so that clients find the copy at the same ones. The
/// twins for IPv4 and IPv6 of one binding become one again.
json::value port_bindings(const ContainerInspect& container) {
  json::object bindings;
  std::set<std::pair<std::string, std::uint16_t>> seen;
  for (const auto& port : container.ports) {
    const bool any = is_every_address(container, port);
    if (any && !seen.emplace(port.container_port, port.host_port).second) continue;
    auto& list = bindings[port.container_port];
    if (!list.is_array()) list = json::array{};
    list.as_array().push_back(json::object{{"HostIp", any ? std::string{} : port.host_address},
                                           {"HostPort", std::to_string(port.host_port)}});
  }
  return bindings;
}

/// What a user chose of an endpoint; ids and addresses that the engine chose stay behind.
json::value endpoint_settings(const json::value& endpoint, const std::string& id) {
  json::object kept;
  for (const char* field : {"IPAMConfig", "Links", "DriverOpts"}) {
    if (!is_unset(member(endpoint, field))) kept[field] = member(endpoint, field);
  }
  auto aliases = array_of(member(endpoint, "Aliases"));
  drop_if(aliases, [&](const json::value& alias) { return text_of(alias) == id.substr(0, 12); });
  if (!aliases.empty()) kept["Aliases"] = aliases;
  return kept;
}

void join_networks(const ContainerInspect& container, json::object& body, CreateSpec& spec) {
  const auto networks =
      object_of(member(member(container.document, "NetworkSettings"), "Networks"));
  json::object at_creation;
  const bool default_first = is_default_network(container.network_mode);
  for (const auto& [key, endpoint] : networks) {
    const std::string name{key};
    if (is_default_network(name)) continue;
    spec.user_networks.push_back(name);
    auto settings = endpoint_settings(endpoint, container.id);
    const bool primary = !default_first && (name == container.network_mode || networks.size() == 1);
    if (primary) {
      at_creation[name] = settings;
    } else {
      spec.more_networks.emplace_back(name, std::move(settings));
    }
  }
  if (!at_creation.empty()) {
    body["NetworkingConfig"] = json::object{{"EndpointsConfig", at_creation}};
  }
}

json::object host_config(const ContainerInspect& container) {
  auto host = object_of(member(container.document, "HostConfig"));
  host.erase("ContainerIDFile");
  host["RestartPolicy"] = json::object{{"Name", "no"}, {"MaximumRetryCount", 0}};
  host["PortBindings"] = port_bindings(container);
  host["PublishAllPorts"] = false;
  return host;
}

}  // namespace

Result<CreateSpec> make_create_spec(const ContainerInspect& container, const ImageInspect& image,
                                    const std::map<std::string, std::string>& labels) {
  const auto refuse = [&](const char* field, const char* why) {
    return Error{Errc::refused, fmt::format("container '{}': {} {}", container.name, field, why)};
  };
  const auto& host = member(container.document, "HostConfig");
  if (is_true(member(host, "AutoRemove"))) {
    return refuse("--rm", "would delete it, with its data, the moment it is stopped");
  }
  if (!is_unset(member(host, "VolumesFrom"))) {
    return refuse("--volumes-from", "ties it to the volumes of another container");
  }
  if (container.network_mode.starts_with("container:")) {
    return refuse("--network container:…", "ties it to another container of this host");
  }
  CreateSpec spec;
  auto body = object_of(member(container.document, "Config"));
  // The tag may have moved on since; what runs is the image with this id.
  body["Image"] = image.id;
  subtract_image(body, member(image.document, "Config"));
  drop_generated_names(body, container);
  label(body, labels);
  body["HostConfig"] = host_config(container);
  join_networks(container, body, spec);
  spec.body = std::move(body);
  return spec;
}

json::value make_network_spec(const json::value& network, bool keep_subnet) {
  json::object spec;
  spec["CheckDuplicate"] = true;
  for (const char* field :
       {"Name", "Driver", "Internal", "Attachable", "EnableIPv6", "Options", "Labels"}) {
    if (!member(network, field).is_null()) spec[field] = member(network, field);
  }
  json::object ipam;
  const auto& source = member(network, "IPAM");
  if (!is_unset(member(source, "Driver"))) ipam["Driver"] = member(source, "Driver");
  if (!is_unset(member(source, "Options"))) ipam["Options"] = member(source, "Options");
  if (keep_subnet) ipam["Config"] = member(source, "Config");
  spec["IPAM"] = ipam;
  return spec;
}

}  // namespace plimsoll
