#include "inventory/host_columns.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t name_bytes_max = 253;  // of a DNS name
constexpr std::size_t path_bytes_max = 1024;
constexpr std::size_t label_bytes_max = 1024;

bool is_printable(std::string_view text) { return printable(text, text.size()) == text; }

std::string shown(std::string_view text) { return "'" + printable(text, 60) + "'"; }

bool is_ip(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  // inet_pton reads up to the first NUL and is content.
  return text.find('\0') == std::string_view::npos &&
         inet_pton(family, std::string{text}.c_str(), ignored.data()) == 1;
}

bool is_dns_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  return text.front() != '-' && text.front() != '.' && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string address_fault(std::string_view text) {
  if (text.size() > name_bytes_max) return "address is longer than 253 bytes";
  if (text.find(':') != std::string_view::npos) {
    if (is_ip(AF_INET6, text)) return "";
    return shown(text) + " is no address; a port belongs into the column 'port'";
  }
  const bool numeric = text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (numeric && !is_ip(AF_INET, text)) return shown(text) + " is no IPv4 address";
  if (!is_dns_name(text)) return shown(text) + " is no IP address or DNS name";
  return "";
}

std::string set_name(Host& host, std::string_view text) {
  host.name = HostId{std::string{text}};
  return text.empty() ? "" : host_name_fault(text);  // empty: the address, later
}

std::string set_address(Host& host, std::string_view text) {
  if (text.empty()) return "has no ip; every host needs one";
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  host.address = text;
  return text.empty() ? "'[]' is no address" : address_fault(text);
}

std::string port_fault(std::string_view column, std::string_view text) {
  return fmt::format("bad {} {}; write a number from 1 to 65535", column, shown(text));
}

std::string set_port(Host& host, std::string_view text) {
  if (text.empty()) return "";
  const auto port = parse_number<std::uint16_t>(text);
  if (!port || *port == 0) return port_fault("port", text);
  host.port = *port;
  return "";
}

std::string set_ssh_port(Host& host, std::string_view text) {
  if (text.empty()) return "";
  const auto port = parse_number<std::uint16_t>(text);
  if (!port || *port == 0) return port_fault("ssh_port", text);
  host.ssh_port = port;
  return "";
}

std::string set_api(Host& host, std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  const auto visible = [](char c) { return c > ' ' && c < '\x7f' && c != '#'; };
  const bool path = text.size() <= path_bytes_max && text.find("://") == std::string_view::npos &&
                    std::all_of(text.begin(), text.end(), visible);
  if (!path) return fmt::format("bad api {}; write a path such as v1/telemetry", shown(text));
  host.api = text;
  return "";
}

std::string set_scheme(Host& host, std::string_view text) {
  const auto scheme = to_lower(text);
  if (scheme == "http" || scheme == "https") host.tls = scheme == "https";
  return scheme.empty() || host.tls
             ? ""
             : fmt::format("bad scheme {}; write http or https", shown(text));
}

std::string set_ssh_user(Host& host, std::string_view text) {
  if (text.empty()) return "";
  const bool safe = is_safe_name(text) || (text.front() == '_' && is_safe_name(text.substr(1)));
  if (!safe) return "bad ssh_user " + shown(text);
  host.ssh_user = text;
  return "";
}

std::string set_ssh_key(Host& host, std::string_view text) {
  if (text.empty()) return "";
  if (text.front() == '-' || text.size() > path_bytes_max || !is_printable(text)) {
    return fmt::format("bad ssh_key {}; write the path of a private key", shown(text));
  }
  host.ssh_key = text;
  return "";
}

struct Known {
  std::string_view word, meaning;
  HostField set;
};

constexpr std::array<Known, 12> known_columns{{{"name", "name", set_name},
                                               {"host", "name", set_name},
                                               {"hostname", "name", set_name},
                                               {"ip", "ip", set_address},
                                               {"ip_address", "ip", set_address},
                                               {"address", "ip", set_address},
                                               {"port", "port", set_port},
                                               {"api", "api", set_api},
                                               {"scheme", "scheme", set_scheme},
                                               {"ssh_user", "ssh_user", set_ssh_user},
                                               {"ssh_port", "ssh_port", set_ssh_port},
                                               {"ssh_key", "ssh_key", set_ssh_key}}};

}  // namespace

HostColumn host_column(std::string_view header) {
  const auto word = to_lower(header);
  const auto* found = std::find_if(known_columns.begin(), known_columns.end(),
                                   [&](const Known& known) { return known.word == word; });
  if (found == known_columns.end()) return {std::string{header}, nullptr, ""};
  return {std::string{header}, found->set, found->meaning};
}

std::string host_label_fault(std::string_view label, std::string_view text) {
  if (text.size() <= label_bytes_max && is_printable(text)) return "";
  return fmt::format("{} is longer than {} bytes or not printable", shown(label), label_bytes_max);
}

std::string host_name_fault(std::string_view name) {
  if (name.size() > name_bytes_max) return "name is longer than 253 bytes";
  if (!is_printable(name)) return "name " + shown(name) + " has characters that cannot be printed";
  if (name.find_first_of("/\\") != std::string_view::npos) {
    return "name " + shown(name) + " has a slash, which file names cannot have";
  }
  if (name.front() == '-' || name.front() == '.') {
    return "name " + shown(name) + " must not start with '-' or '.'";
  }
  return "";
}

}  // namespace plimsoll
