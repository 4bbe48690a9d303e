#include <fmt/format.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "docker/json_access.h"
#include "hand/stub.h"

namespace plimsoll {
namespace {

constexpr std::size_t ports_max = 1024;
constexpr std::int64_t seconds_max = std::int64_t{30} * 24 * 3600;

Error wrong(const std::string& what) { return {Errc::invalid, "stub: " + what}; }

/// "10.0.0.1:80" and "[::1]:80".
Result<asio::ip::tcp::endpoint> endpoint_of(const json::value& value, const char* name) {
  const auto text = text_of(value);
  if (text.ends_with("/udp") || text.ends_with("/sctp")) {
    return wrong("'" + printable(text, 60) + "': only TCP ports are forwarded");
  }
  const auto colon = text.rfind(':');
  auto host = text.substr(0, std::min(colon, text.size()));
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  const auto digits = colon == std::string::npos ? std::string{} : text.substr(colon + 1);
  const auto port = parse_number<std::uint16_t>(digits).value_or(0);
  if (error || port == 0 || address.is_v6() != bracketed) {
    return wrong(fmt::format("\"{}\" is '{}', not ADDRESS:PORT or [ADDRESS]:PORT", name,
                             printable(text, 60)));
  }
  return asio::ip::tcp::endpoint{address, port};
}

Result<StubPort> port_of(const json::value& value) {
  const auto protocol = text_of(member(value, "protocol"));
  if (!protocol.empty() && protocol != "tcp") {
    return wrong("'" + printable(protocol, 20) + "': only TCP ports are forwarded");
  }
  const auto listen = endpoint_of(member(value, "listen"), "listen");
  if (!listen) return listen.error();
  const auto to = endpoint_of(member(value, "to"), "to");
  if (!to) return to.error();
  return StubPort{*listen, *to};
}

/// A whole number out of a range; the default where there is none.
Result<std::int64_t> number_in(const json::value& document, const char* name,
                               std::int64_t otherwise, std::int64_t max) {
  const auto& value = member(document, name);
  if (value.is_null()) return otherwise;
  const auto number = integer_of(value);
  if (!number || *number < 1 || *number > max) {
    return wrong(fmt::format("\"{}\" must be a whole number from 1 to {}", name, max));
  }
  return *number;
}

std::uint64_t counter(const json::value& document, const char* name) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, integer_of(member(document, name)).value_or(0)));
}

}  // namespace

Result<StubSpec> parse_stub_spec(std::string_view text) {
  const auto document = parse_json(text, "stub");
  if (!document) return document.error();
  const auto* ports = member(*document, "ports").if_array();
  if (ports == nullptr || ports->empty() || ports->size() > ports_max) {
    return wrong("\"ports\" must be a list of 1 to 1024 ports");
  }
  StubSpec spec;
  for (const auto& entry : *ports) {
    const auto port = port_of(entry);
    if (!port) return port.error();
    spec.ports.push_back(*port);
  }
  const auto lasts = number_in(*document, "seconds", 3600, seconds_max);
  if (!lasts) return lasts.error();
  const auto hold = number_in(*document, "hold_s", 30, 3600);
  if (!hold) return hold.error();
  const auto most = number_in(*document, "connections_max", 4096, 100'000);
  if (!most) return most.error();
  spec.lasts = std::chrono::seconds{*lasts};
  spec.hold = std::chrono::seconds{*hold};
  spec.connections_max = static_cast<std::size_t>(*most);
  spec.divert = is_true(member(*document, "divert"));
  return spec;
}

std::string stub_json(const StubStatus& status) {
  JsonWriter json;
  json.begin_object()
      .field("running", status.running)
      .field("ports", status.ports)
      .field("listening", status.listening)
      .field("diverts", status.diverts)
      .field("hits", status.hits)
      .field("open", status.open)
      .field("unanswered", status.unanswered)
      .field("turned_away", status.turned_away)
      .field("problem", status.problem)
      .end_object();
  return json.take();
}

Result<StubStatus> parse_stub_status(std::string_view text) {
  const auto document = parse_json(text, "stub's status");
  if (!document) return document.error();
  StubStatus status;
  status.running = is_true(member(*document, "running"));
  status.ports = counter(*document, "ports");
  status.listening = counter(*document, "listening");
  status.diverts = is_true(member(*document, "diverts"));
  status.hits = counter(*document, "hits");
  status.open = counter(*document, "open");
  status.unanswered = counter(*document, "unanswered");
  status.turned_away = counter(*document, "turned_away");
  status.problem = text_of(member(*document, "problem"));
  return status;
}

}  // namespace plimsoll
