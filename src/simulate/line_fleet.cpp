#include <algorithm>
#include <cmath>

#include "simulate/line_change.h"

namespace plimsoll {
namespace {

constexpr std::size_t labels_max = 200;
constexpr std::size_t ports_max = 1000;

std::optional<Bytes> bytes(const LineFields& fields, std::string_view field) {
  const auto amount = fields.amount(field);
  if (!amount) return std::nullopt;
  return Bytes{static_cast<std::uint64_t>(*amount)};
}

void read_labels(const LineFields& fields, std::map<std::string, std::string>& labels) {
  const json::object* given = fields.object("labels");
  if (given == nullptr) return;
  for (const auto& [key, value] : *given) {
    if (const auto* text = value.if_string()) {
      labels.insert_or_assign(std::string{key}, std::string{*text});
    } else if (!value.is_null()) {
      fields.problem("labels", "each must be a text");
      return;
    }
  }
}

void want_few(const std::map<std::string, std::string>& labels, const LineFields& fields) {
  if (labels.size() > labels_max) fields.problem("labels", "are more than 200");
}

HostState read_host(const LineFields& fields) {
  HostState host;
  host.name = HostId{fields.name("name")};
  host.architecture = fields.text("architecture").value_or("");
  host.drained = fields.flag("drained");
  host.capacity = {.cpu_cores = fields.amount("cpu"),
                   .memory = bytes(fields, "memory_bytes"),
                   .storage = bytes(fields, "storage_bytes"),
                   .storage_free = bytes(fields, "storage_free_bytes")};
  if (host.capacity.cpu_cores.value_or(0) <= 0) {
    fields.problem("cpu", "must be there, and more than 0: the host's capacity");
  }
  if (host.capacity.memory == Bytes{}) fields.problem("memory_bytes", "must be more than 0");
  read_labels(fields, host.labels);
  want_few(host.labels, fields);
  return host;
}

std::optional<Protocol> protocol_of(const LineFields& fields) {
  const std::string word = fields.text("protocol").value_or("tcp");
  if (word == "tcp") return Protocol::tcp;
  if (word == "udp") return Protocol::udp;
  if (word == "sctp") return Protocol::sctp;
  return std::nullopt;
}

std::optional<std::uint16_t> port_number(const json::value* value) {
  const auto number = value == nullptr ? std::nullopt : number_of(*value);
  if (!number || *number < 1 || *number > 65535 || *number != std::floor(*number)) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(*number);
}

/// 8080, or {"port": 53, "protocol": "udp", "address": "10.0.0.1"}.
std::optional<PublishedPort> port_of(const json::value& value, const LinePlace& place,
                                     LineProblems& problems) {
  const json::object* object = value.if_object();
  if (object == nullptr) {
    const auto number = port_number(&value);
    if (!number) return std::nullopt;
    return PublishedPort{.port = *number, .protocol = Protocol::tcp, .address = {}};
  }
  const LineFields fields{*object, place, problems};
  const auto number = port_number(object->if_contains("port"));
  const auto protocol = protocol_of(fields);
  if (!number || !protocol) return std::nullopt;
  return PublishedPort{
      .port = *number, .protocol = *protocol, .address = fields.text("address").value_or("")};
}

std::vector<PublishedPort> read_ports(const LineFields& fields, const LinePlace& place) {
  std::vector<PublishedPort> ports;
  const json::array* given = fields.array("ports");
  if (given == nullptr) return ports;
  if (given->size() > ports_max) fields.problem("ports", "are more than 1000");
  for (const json::value& value : *given) {
    if (auto port = port_of(value, place, fields.problems())) {
      ports.push_back(std::move(*port));
      continue;
    }
    fields.problem("ports",
                   "each must be a number from 1 to 65535, or an object of port, protocol "
                   "(tcp, udp, sctp) and address");
    break;
  }
  return ports;
}

bool has_meaning(std::string_view field) {
  return field == "name" || field == "host" || field == "image" || field == "architecture";
}

FleetChange::NewContainer read_container(const LineFields& fields, const LinePlace& place) {
  FleetChange::NewContainer read;
  ContainerState& container = read.state;
  container.name = ContainerName{fields.name("name")};
  read.host = fields.name("host");
  container.image = fields.text("image").value_or("");
  container.architecture = fields.text("architecture").value_or("");
  container.cpu_limit_cores = fields.amount("cpu_limit");
  container.memory_limit = bytes(fields, "memory_limit_bytes");
  container.memory_reservation = bytes(fields, "memory_reservation_bytes");
  container.writable_bytes = bytes(fields, "move_bytes");
  if (container.writable_bytes) container.image_bytes = Bytes{};
  container.ports = read_ports(fields, place);
  for (const auto& [key, value] : fields.all()) {
    if (has_meaning(key) || !value.is_string()) continue;
    container.labels.emplace(std::string{key}, std::string{value.get_string()});
  }
  read_labels(fields, container.labels);
  want_few(container.labels, fields);
  return read;
}

/// Calls `read(fields, place)` for each element of the list, which must be an object.
template <class Read>
void each_element(const LineFields& line, std::string_view list, std::size_t most, Read read) {
  const json::array* elements = line.array(list);
  if (elements == nullptr) return;
  if (elements->size() > most) {
    line.problem(list, "has more elements than the " + std::to_string(most) + " there may be");
    return;
  }
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const LinePlace place{.list = list, .name = {}, .index = i};
    const json::object* object = (*elements)[i].if_object();
    if (object == nullptr) {
      line.problems().add(place.of("") + ": must be an object");
      continue;
    }
    read(LineFields{*object, place, line.problems()}, place);
  }
}

void read_hosts(const LineFields& line, std::string_view list, FleetChange& change) {
  each_element(line, list, hosts_max, [&](const LineFields& fields, const LinePlace&) {
    change.hosts_added.push_back(read_host(fields));
  });
}

void read_containers(const LineFields& line, std::string_view list, FleetChange& change) {
  each_element(line, list, containers_max, [&](const LineFields& fields, const LinePlace& place) {
    change.containers_added.push_back(read_container(fields, place));
  });
}

std::vector<std::string> read_names(const LineFields& line, std::string_view list) {
  std::vector<std::string> names;
  const json::array* elements = line.array(list);
  if (elements == nullptr) return names;
  for (const json::value& value : *elements) {
    if (const auto* name = value.if_string()) {
      names.emplace_back(*name);
    } else {
      line.problem(list, "must hold names");
      break;
    }
  }
  return names;
}

void read_placement(const LineFields& line, FleetChange& change) {
  const json::object* placement = line.object("placement");
  if (placement == nullptr) return;
  for (const auto& [container, host] : *placement) {
    if (const auto* name = host.if_string()) {
      change.placement.push_back({std::string{container}, std::string{*name}});
    } else {
      const LinePlace place{.list = "placement", .name = container, .index = {}};
      line.problems().add(place.of("") + ": must be the name of a host");
    }
  }
}

}  // namespace

FleetChange read_fleet(const LineFields& line) {
  FleetChange change;
  read_hosts(line, "hosts", change);
  read_containers(line, "containers", change);
  return change;
}

FleetChange read_change(const LineFields& line) {
  FleetChange change;
  change.containers_removed = read_names(line, "containers_removed");
  read_hosts(line, "hosts_added", change);
  read_containers(line, "containers_added", change);
  read_placement(line, change);
  change.hosts_removed = read_names(line, "hosts_removed");
  return change;
}

}  // namespace plimsoll
