#include "fleet/fleet_json.h"

#include "core/json_writer.h"
#include "telemetry/derived.h"

namespace plimsoll {
namespace {

std::optional<double> tidy(const std::optional<double>& value) {
  return value ? std::optional{rounded(*value)} : std::nullopt;
}

void write_container(JsonWriter& json, const ContainerRow& container) {
  json.begin_object();
  json.field("id", container.id).field("name", container.name).field("image", container.image);
  json.optional_field("cpu_percent", tidy(container.cpu_percent));
  json.key("memory_bytes");
  container.memory ? json.value(count(*container.memory)) : json.null();
  json.field("state", container.state).end_object();
}

void write_average(JsonWriter& json, const Utilisation& used) {
  json.key("average").begin_object();
  json.optional_field("cpu_percent", tidy(used.cpu));
  json.optional_field("vm_percent", tidy(used.memory));
  json.optional_field("storage_percent", tidy(used.storage));
  json.end_object();
}

void write_host(JsonWriter& json, const HostRow& row) {
  json.begin_object().field("name", row.name.str()).field("address", row.address);
  json.field("up", row.up);
  json.key("age_s");
  row.assessed.age ? json.value(seconds(*row.assessed.age)) : json.null();
  json.optional_field("cpu_percent", tidy(row.latest.cpu));
  json.optional_field("vm_percent", tidy(row.latest.memory));
  json.optional_field("storage_percent", tidy(row.latest.storage));
  const bool known = row.up && row.assessed.scalar;
  json.optional_field("scalar", known ? tidy(row.assessed.scalar) : std::nullopt);
  json.field("over_line", row.up && row.assessed.over_line);
  row.error.empty() ? json.key("error").null() : json.field("error", row.error);
  json.field("line", row.assessed.line);
  json.optional_field("level", known ? tidy(row.assessed.level) : std::nullopt);
  json.field("hot", row.up && row.assessed.hot).field("held", row.assessed.held);
  json.optional_field("clock_skew_s", tidy(row.clock_skew_s)).field("clock_off", row.clock_off);
  json.key("last_seen");
  row.last_seen ? json.value(format_rfc3339(*row.last_seen)) : json.null();
  write_average(json, row.up ? row.assessed.used : Utilisation{});
  json.key("containers").begin_array();
  for (const auto& container : row.containers) write_container(json, container);
  json.end_array().end_object();
}

void write_line(JsonWriter& json, const Policy& policy) {
  json.key("line").begin_object();
  json.field("cpu_percent", policy.line.cpu).field("vm_percent", policy.line.memory);
  json.field("storage_percent", policy.line.storage).end_object();
}

}  // namespace

std::string render_fleet_json(const FleetView& view) {
  JsonWriter json;
  json.begin_object().field("time", format_rfc3339(view.time)).key("hosts").begin_array();
  for (const auto& row : view.rows) write_host(json, row);
  json.end_array();
  write_line(json, view.policy);
  json.end_object();
  return json.take();
}

}  // namespace plimsoll
