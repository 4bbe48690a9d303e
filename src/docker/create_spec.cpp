#include "docker/create_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/text.h"
#include "docker/container_fields.h"

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
  // These are the other container's, and an engine refuses them beside its network.
  if (mode.starts_with("container:")) config.erase("ExposedPorts");
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

/// "container:ID" with the copy of that container in its place; absent: it does not move along.
std::optional<std::string> moved_reference(const std::string& reference,
                                           const std::vector<MovedMember>& moved_with) {
  for (const MovedMember& member : moved_with) {
    const bool by_id = reference.size() >= 12 && member.id.starts_with(reference);
    if (by_id || member.name == reference) return member.copy;
  }
  return std::nullopt;
}

/// What a user chose of an endpoint; ids and addresses that the engine chose stay behind.
json::object endpoint_settings(const json::value& endpoint, const std::string& id) {
  json::object kept;
  for (const char* field : {"IPAMConfig", "Links", "DriverOpts", "GwPriority"}) {
    if (!is_unset(member(endpoint, field))) kept[field] = member(endpoint, field);
  }
  auto aliases = array_of(member(endpoint, "Aliases"));
  drop_if(aliases, [&](const json::value& alias) { return text_of(alias) == id.substr(0, 12); });
  if (!aliases.empty()) kept["Aliases"] = aliases;
  return kept;
}

/// A chosen MAC address: from API 1.44 on it belongs to the endpoint of the first network.
std::string take_endpoint_mac(json::object& body, const CreateRequest& request) {
  const auto mac = text_of(member(json::value(body), "MacAddress"));
  const bool of_endpoint = is_api_at_least(request.api_version, 44);
  if (mac.empty() || of_endpoint) body.erase("MacAddress");
  return of_endpoint ? mac : std::string{};
}

void join_networks(const ContainerInspect& container, const CreateRequest& request,
                   json::object& body, CreateSpec& spec) {
  const std::string first = first_network(container);
  const std::string mac = take_endpoint_mac(body, request);
  json::object at_creation;
  for (const auto& [key, endpoint] :
       object_of(member(member(container.document, "NetworkSettings"), "Networks"))) {
    const std::string name{key};
    if (is_default_network(name)) continue;
    spec.user_networks.push_back(name);
    auto settings = endpoint_settings(endpoint, container.id);
    if (name == first) {
      if (!mac.empty()) settings["MacAddress"] = mac;
      at_creation[name] = std::move(settings);
    } else {
      spec.more_networks.emplace_back(name, std::move(settings));
    }
  }
  if (!mac.empty() && at_creation.empty()) {
    at_creation[first == "default" ? "bridge" : first] = json::object{{"MacAddress", mac}};
  }
  if (at_creation.empty()) return;
  body["NetworkingConfig"] = json::object{{"EndpointsConfig", at_creation}};
}

/// Makes a HostConfig out of the original's; the first reference that cannot be kept is refused.
class HostConfigMaker {
 public:
  HostConfigMaker(const ContainerInspect& container, const CreateRequest& request)
      : container_(container),
        request_(request),
        host_(object_of(member(container.document, "HostConfig"))) {}

  Result<json::object> make() {
    host_.erase("ContainerIDFile");
    host_["RestartPolicy"] = json::object{{"Name", "no"}, {"MaximumRetryCount", 0}};
    host_["PortBindings"] = port_bindings(container_);
    host_["PublishAllPorts"] = false;
    host_["NetworkMode"] = first_network(container_);
    if (container_.network_mode.starts_with("container:")) host_.erase("PortBindings");
    refer_again("NetworkMode", "--network");
    refer_again("PidMode", "--pid");
    refer_again("IpcMode", "--ipc");
    refer_to_volumes_again();
    link_again();
    if (refused_) return *refused_;
    return std::move(host_);
  }

 private:
  void refuse(const std::string& option, const std::string& other) {
    if (refused_) return;
    refused_ = Error{Errc::refused,
                     fmt::format("container '{}': {} ties it to container '{}', which does not "
                                 "move with it",
                                 container_.name, option, printable(other, 64))};
  }

  void refer_again(const char* field, const char* option) {
    constexpr std::string_view kind = "container:";
    const auto mode = text_of(member(json::value(host_), field));
    if (!mode.starts_with(kind)) return;
    const auto other = mode.substr(kind.size());
    const auto copy = moved_reference(other, request_.moved_with);
    if (!copy) return refuse(fmt::format("{} {}", option, "container:…"), other);
    host_[field] = std::string{kind} + *copy;
  }

  /// "dep", "dep:ro".
  void refer_to_volumes_again() {
    auto all = array_of(member(json::value(host_), "VolumesFrom"));
    for (auto& each : all) {
      const auto text = text_of(each);
      const auto colon = text.find(':');
      const auto copy = moved_reference(text.substr(0, colon), request_.moved_with);
      if (!copy) return refuse("--volumes-from", text.substr(0, colon));
      each = *copy + (colon == std::string::npos ? std::string{} : text.substr(colon));
    }
    if (!all.empty()) host_["VolumesFrom"] = std::move(all);
  }

  /// "/dep:/web/alias" as "dep:alias", which is how `docker run --link` says it.
  void link_again() {
    auto all = array_of(member(json::value(host_), "Links"));
    for (auto& each : all) {
      const ContainerLink link = parse_link(text_of(each));
      const auto copy = moved_reference(link.target, request_.moved_with);
      each = copy.value_or(link.target) + ":" + link.alias;
    }
    if (!all.empty()) host_["Links"] = std::move(all);
  }

  const ContainerInspect& container_;
  const CreateRequest& request_;
  json::object host_;
  std::optional<Error> refused_;
};

}  // namespace

bool is_api_at_least(const std::string& version, int minor) {
  const auto dot = version.find('.');
  if (dot == std::string::npos) return false;
  const auto major = parse_number<int>(version.substr(0, dot)).value_or(0);
  return major > 1 ||
         (major == 1 && parse_number<int>(version.substr(dot + 1)).value_or(0) >= minor);
}

Result<json::object> make_host_config(const ContainerInspect& container,
                                      const CreateRequest& request) {
  return HostConfigMaker{container, request}.make();
}

ContainerLink parse_link(const std::string& text) {
  const auto colon = text.find(':');
  ContainerLink link;
  link.target = text.substr(0, colon);
  if (link.target.starts_with('/')) link.target.erase(0, 1);
  if (colon == std::string::npos) {
    link.alias = link.target;
    return link;
  }
  const auto slash = text.rfind('/');
  const bool inspected = slash != std::string::npos && slash > colon;
  link.alias = text.substr((inspected ? slash : colon) + 1);
  return link;
}

Result<CreateSpec> make_create_spec(const ContainerInspect& container, const ImageInspect& image,
                                    const CreateRequest& request) {
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::refused, fmt::format("container '{}': {}", printable(container.name), why)};
  };
  if (is_true(member(member(container.document, "HostConfig"), "AutoRemove"))) {
    return refuse("--rm would delete it, with its data, the moment it is stopped");
  }
  const auto unknown = unknown_container_fields(container.document);
  if (!unknown.empty()) {
    return refuse(fmt::format("{} is set, and this Plimsoll does not know what it means",
                              printable(fmt::format("{}", fmt::join(unknown, ", ")), 300)));
  }
  CreateSpec spec;
  auto body = object_of(member(container.document, "Config"));
  body["Image"] = request.image.empty() ? image.id : request.image;
  subtract_image(body, member(image.document, "Config"));
  drop_generated_names(body, container);
  label(body, request.labels);
  auto host = make_host_config(container, request);
  if (!host) return host.error();
  body["HostConfig"] = std::move(*host);
  join_networks(container, request, body, spec);
  spec.body = std::move(body);
  return spec;
}

}  // namespace plimsoll
