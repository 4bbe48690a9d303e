#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/text.h"
#include "simulate/scenario_parts.h"

namespace plimsoll {
namespace {

constexpr std::size_t layers_max = 127;  // Docker's own bound
constexpr double default_rate = 50e6;    // Policy's assumption
constexpr double default_rtt_ms = 1;

struct Image {
  std::string id;
  std::string architecture = "amd64";
  std::vector<Layer> layers;
  Bytes bytes{};
};
using Images = std::unordered_map<std::string, Image>;

/// "debian 120MiB"
std::optional<std::pair<std::string, Bytes>> layer_of(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  const auto bytes = parse_bytes(trim(text.substr(space + 1)));
  if (!bytes) return std::nullopt;
  return std::pair{std::string{text.substr(0, space)}, Bytes{*bytes}};
}

Image make_image(const std::string& name,
                 const std::vector<std::pair<std::string, Bytes>>& layers) {
  Image image;
  image.id = "sha256:" + name;
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const auto& [layer, bytes] : layers) names.push_back(layer);
  const auto chains = chain_ids(names);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    image.layers.push_back({chains[i], layers[i].second});
    image.bytes += layers[i].second;
  }
  return image;
}

/// One of a kind without layers of its own, as if made from nothing.
Image plain_image(const std::string& name) { return make_image(name, {{name, Bytes{50 * mib}}}); }

void read_image(ScenarioTable table, Images& images) {
  std::string name;
  table.want("name");
  table.read("name", name);
  table.rename("image '" + printable(name) + "'");
  std::vector<std::string> texts;
  table.want("layers");
  table.read("layers", texts);
  if (texts.size() > layers_max) table.problem("layers", fmt::format("at most {}", layers_max));
  std::vector<std::pair<std::string, Bytes>> layers;
  for (const std::string& text : texts) {
    auto layer = layer_of(text);
    if (layer) {
      layers.push_back(std::move(*layer));
    } else {
      table.problem("layers", "each must be a name and a size, such as \"debian 120MiB\"");
    }
  }
  Image image = make_image(name, layers);
  table.read("architecture", image.architecture);
  table.refuse_unknown();
  if (!images.emplace(name, std::move(image)).second) table.problem("name", "twice");
}

void add_image(const Image& image, HostState& host) {
  host.image_ids.push_back(image.id);
  for (const Layer& layer : image.layers) host.layer_chains.push_back(layer.chain);
}

std::optional<PublishedPort> port_of(const std::string& text) {
  PublishedPort port;
  const auto slash = text.find('/');
  const auto number = parse_number<std::uint16_t>(text.substr(0, slash));
  const std::string protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
  if (!number || *number == 0) return std::nullopt;
  port.port = *number;
  if (protocol == "udp") port.protocol = Protocol::udp;
  if (protocol != "udp" && protocol != "tcp") return std::nullopt;
  return port;
}

std::vector<PublishedPort> read_ports(ScenarioTable& table) {
  std::vector<std::string> texts;
  table.read("ports", texts);
  std::vector<PublishedPort> ports;
  for (const std::string& text : texts) {
    const auto port = port_of(text);
    if (port) {
      ports.push_back(*port);
    } else {
      table.problem("ports", "each must be like \"80\" or \"53/udp\"");
    }
  }
  return ports;
}

/// "web" alone, or "web1" to "web3".
std::vector<std::string> read_names(ScenarioTable& table, const char* kind, std::size_t most) {
  std::string name;
  std::size_t count = 1;
  table.want("name");
  table.read("name", name);
  table.read("count", count, most);
  table.rename(fmt::format("{} '{}'", kind, printable(name)));
  if (!is_safe_name(name)) {
    if (table.has("name")) table.problem("name", "must be made of letters, digits, _ . -");
    return {};
  }
  if (!table.has("count")) return {name};
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back(name + std::to_string(i));
  return names;
}

/// A host's own network card. Absent: nothing is known of it.
struct Card {
  std::optional<double> bytes_per_s;
  std::optional<double> rtt_s;
};

double rate_of(ScenarioTable& table) {
  Bytes rate{static_cast<std::uint64_t>(default_rate)};
  table.read("rate", rate);
  return as_double(rate);
}

double rtt_of(ScenarioTable& table) {
  double milliseconds = default_rtt_ms;
  table.read("rtt_ms", milliseconds);
  return milliseconds / 1000;
}

class FleetOf {
 public:
  FleetOf(ScenarioTable& root, Scenario& scenario) : root_(root), scenario_(scenario) {}

  void read() {
    for (ScenarioTable& table : root_.tables("image", scenario_tables_max)) {
      read_image(std::move(table), images_);
    }
    for (ScenarioTable& table : root_.tables("host", scenario_tables_max)) read_host(table);
    if (scenario_.hosts.empty()) root_.want("host");
    for (ScenarioTable& table : root_.tables("container", scenario_tables_max)) {
      read_container(table);
    }
    link_cards();
    for (ScenarioTable& table : root_.tables("link", scenario_tables_max)) read_link(table);
  }

 private:
  const Image& image(const std::string& name) {
    return images_.try_emplace(name, plain_image(name)).first->second;
  }

  void read_host(ScenarioTable& table) {
    const auto names = read_names(table, "host", scenario_hosts_max);
    ScenarioHost host;
    host.state = host_state(table);
    table.read("measured", host.measured);
    table.read_load("own_cpu", host.cpu, false);
    table.read_load("own_memory", host.memory, true);
    const double used = as_double(host.state.capacity.storage.value_or(Bytes{})) * 0.4;
    host.disk = LoadCurve{{CurvePart{.amount = used}}};
    table.read_load("disk_used", host.disk, true);
    Card card;
    if (table.has("rate")) card.bytes_per_s = rate_of(table);
    if (table.has("rtt_ms")) card.rtt_s = rtt_of(table);
    table.refuse_unknown();
    for (const std::string& name : names) add_host(table, name, host, card);
  }

  HostState host_state(ScenarioTable& table) {
    HostState state;
    state.architecture = "amd64";
    state.capacity = {4.0, Bytes{8 * gib}, Bytes{100 * gib}, std::nullopt};
    table.read("cores", state.capacity.cpu_cores);
    table.read("memory", state.capacity.memory);
    table.read("disk", state.capacity.storage);
    table.read("architecture", state.architecture);
    table.read("labels", state.labels);
    state.ports_in_use = read_ports(table);
    std::vector<std::string> images;
    table.read("images", images);
    for (const std::string& name : images) add_image(image(name), state);
    check_capacity(table, state.capacity);
    state.up = true;
    state.detailed = true;
    return state;
  }

  static void check_capacity(ScenarioTable& table, const Capacity& capacity) {
    if (capacity.cpu_cores.value_or(0) <= 0) table.problem("cores", "must be more than 0");
    if (count(capacity.memory.value_or(Bytes{})) == 0)
      table.problem("memory", "must be more than 0");
    if (count(capacity.storage.value_or(Bytes{})) == 0)
      table.problem("disk", "must be more than 0");
  }

  void add_host(ScenarioTable& table, const std::string& name, const ScenarioHost& host,
                const Card& card) {
    if (scenario_.hosts.size() == scenario_hosts_max) {
      return table.problem("name", fmt::format("more than {} hosts", scenario_hosts_max));
    }
    if (!hosts_.emplace(name, scenario_.hosts.size()).second) {
      return table.problem("name", fmt::format("host '{}' stands here twice", name));
    }
    scenario_.hosts.push_back(host);
    scenario_.hosts.back().state.name = HostId{name};
    cards_.push_back(card);
  }

  void read_container(ScenarioTable& table) {
    const auto names = read_names(table, "container", scenario_containers_max);
    ScenarioContainer container;
    container.state = container_state(table);
    container.cpu = LoadCurve{{CurvePart{.amount = 0.05}}};
    container.memory = LoadCurve{{CurvePart{.amount = as_double(Bytes{64 * mib})}}};
    table.read_load("cpu", container.cpu, false);
    table.read_load("memory", container.memory, true);
    table.read("measured", container.measured);
    std::vector<std::string> places;
    table.want("on");
    table.read("on", places);
    for (const std::string& place : places) want_host(scenario_, table, "on", place);
    std::string image_name = names.empty() ? "" : names.front();
    table.read("image", image_name);
    table.refuse_unknown();
    if (places.empty()) return;
    give_image(container.state, image_name);
    for (std::size_t i = 0; i < names.size(); ++i) {
      add_container(table, names[i], places[i % places.size()], container);
    }
  }

  static ContainerState container_state(ScenarioTable& table) {
    ContainerState state;
    table.read("cpu_limit", state.cpu_limit_cores);
    table.read("memory_limit", state.memory_limit);
    table.read("memory_reservation", state.memory_reservation);
    state.writable_bytes = Bytes{mib};
    state.volume_bytes = Bytes{};
    table.read("writable", state.writable_bytes);
    table.read("volumes", state.volume_bytes);
    table.read("labels", state.labels);
    std::string project;
    table.read("project", project);
    if (!project.empty()) state.labels["com.docker.compose.project"] = project;
    state.ports = read_ports(table);
    table.read("state", state.state);
    read_obstacles(table, state.obstacles);
    return state;
  }

  static void read_obstacles(ScenarioTable& table, Obstacles& obstacles) {
    table.read("host_network", obstacles.host_network);
    table.read("host_pid", obstacles.host_pid);
    table.read("privileged", obstacles.privileged);
    table.read("docker_socket", obstacles.docker_socket);
    table.read("auto_remove", obstacles.auto_remove);
    table.read("swarm_task", obstacles.swarm_task);
    table.read("is_plimsoll", obstacles.is_plimsoll);
    table.read("network_of", obstacles.network_of);
    table.read("host_namespaces", obstacles.host_namespaces);
    table.read("other_containers", obstacles.other_containers);
    table.read("unknown_fields", obstacles.unknown_fields);
    table.read("devices", obstacles.devices);
    table.read("bind_mounts", obstacles.bind_mounts);
    table.read("foreign_volumes", obstacles.foreign_volumes);
  }

  void give_image(ContainerState& state, const std::string& name) {
    const Image& its = image(name);
    state.image = name;
    state.image_id = its.id;
    state.architecture = its.architecture;
    state.image_bytes = its.bytes;
    state.layers = its.layers;
  }

  void add_container(ScenarioTable& table, const std::string& name, const std::string& host,
                     const ScenarioContainer& container) {
    if (scenario_.containers.size() == scenario_containers_max) {
      return table.problem("name", fmt::format("more than {} containers", scenario_containers_max));
    }
    if (!containers_.insert(host + '/' + name).second) {
      return table.problem("name", fmt::format("container '{}' is on '{}' twice", name, host));
    }
    ScenarioContainer& added = scenario_.containers.emplace_back(container);
    added.state.name = ContainerName{name};
    added.state.id = fmt::format("{:064x}", scenario_.containers.size());
    added.host = host;
    const auto at = hosts_.find(host);
    if (at != hosts_.end()) {
      add_image(images_.at(container.state.image), scenario_.hosts[at->second].state);
    }
  }

  /// Between two hosts passes what the slower card lets through.
  void link_cards() {
    for (std::size_t from = 0; from < cards_.size(); ++from) {
      for (std::size_t to = 0; to < cards_.size(); ++to) {
        const Card& a = cards_[from];
        const Card& b = cards_[to];
        const bool known = a.bytes_per_s || b.bytes_per_s || a.rtt_s || b.rtt_s;
        if (from == to || !known) continue;
        const double best = std::max(a.bytes_per_s.value_or(0), b.bytes_per_s.value_or(0));
        const double otherwise = best > 0 ? best : default_rate;
        scenario_.links.push_back(
            {scenario_.hosts[from].state.name.str(), scenario_.hosts[to].state.name.str(),
             std::min(a.bytes_per_s.value_or(otherwise), b.bytes_per_s.value_or(otherwise)),
             std::max(a.rtt_s.value_or(default_rtt_ms / 1000),
                      b.rtt_s.value_or(default_rtt_ms / 1000))});
      }
    }
  }

  void read_link(ScenarioTable& table) {
    ScenarioLink link;
    bool one_way = false;
    table.want("from");
    table.want("to");
    table.read("from", link.from);
    table.read("to", link.to);
    table.read("one_way", one_way);
    link.bytes_per_s = rate_of(table);
    link.rtt_s = rtt_of(table);
    want_host(scenario_, table, "from", link.from);
    want_host(scenario_, table, "to", link.to);
    table.refuse_unknown();
    set_link(link);
    std::swap(link.from, link.to);
    if (!one_way) set_link(link);
  }

  void set_link(const ScenarioLink& link) {
    const auto same = [&](const ScenarioLink& other) {
      return other.from == link.from && other.to == link.to;
    };
    const auto found = std::find_if(scenario_.links.begin(), scenario_.links.end(), same);
    if (found == scenario_.links.end()) {
      scenario_.links.push_back(link);
    } else {
      *found = link;
    }
  }

  ScenarioTable& root_;
  Scenario& scenario_;
  Images images_;
  std::unordered_map<std::string, std::size_t> hosts_;
  std::unordered_set<std::string> containers_;  // HOST/NAME
  std::vector<Card> cards_;
};

}  // namespace

void read_scenario_fleet(ScenarioTable& root, Scenario& scenario) {
  FleetOf{root, scenario}.read();
}

}  // namespace plimsoll
