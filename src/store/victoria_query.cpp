#include "store/victoria_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/http.h"

namespace plimsoll {
namespace {

// A text in double quotes, as PromQL reads it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool is_plain_label(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

// The metrics of fields as a pattern. Names hold nothing else that a pattern would read otherwise.
std::string fields_pattern(const std::string& measurement, const std::vector<std::string>& fields) {
  std::string pattern;
  for (const auto& field : fields) {
    if (!pattern.empty()) pattern += '|';
    for (const char c : field) pattern += c == '.' ? std::string{"[.]"} : std::string{c};
  }
  return fmt::format("{}_({})", measurement, pattern);
}

// Tags of other names are compared when the answer is read.
std::string selector(const std::string& database, const std::string& measurement,
                     const std::vector<std::string>& fields, const TagMap& tags,
                     const std::set<std::string>& hosts) {
  std::string matchers = fmt::format("__name__=~{},db={}",
                                     quoted(fields_pattern(measurement, fields)), quoted(database));
  for (const auto& [name, value] : tags) {
    if (is_plain_label(name)) matchers += fmt::format(",{}={}", name, quoted(value));
  }
  if (!hosts.empty()) matchers += ",host=~" + quoted(hosts_pattern(hosts));
  return "{" + matchers + "}";
}

std::string parameter(std::string_view name, std::string_view value) {
  return fmt::format("{}{}={}", name.empty() ? "" : "&", name, percent_encode(value));
}

// In seconds. The server multiplies by 1000 in floating point and cuts: a third of a millisecond
// more keeps it from losing one, and would do no harm if it rounded.
std::string time_parameter(std::string_view name, TimePoint time) {
  const std::int64_t ms = storable_time(time).time_since_epoch().count();
  return parameter(name, fmt::format("{}.{:03}3", ms / 1000, ms % 1000));
}

}  // namespace

VictoriaRequest victoria_catalogue_request(const std::string& database) {
  const auto match =
      fmt::format("{{__name__={},db={}}}", quoted(victoria_catalogue_metric), quoted(database));
  return {"/api/v1/series", "start=1" + parameter("match[]", match)};
}

VictoriaRequest victoria_export_request(const std::string& database, const std::string& measurement,
                                        const std::vector<std::string>& fields,
                                        const std::vector<TagMap>& tags,
                                        const std::set<std::string>& hosts, TimePoint from,
                                        TimePoint to) {
  std::string form = "nocache=1" + time_parameter("start", from) + time_parameter("end", to);
  for (const auto& one : tags) {
    form += parameter("match[]", selector(database, measurement, fields, one, hosts));
  }
  return {"/api/v1/export", std::move(form)};
}

VictoriaRequest victoria_last_request(const std::string& database, const LatestQuery& query,
                                      TimePoint at, Duration reach) {
  const auto text = fmt::format(
      "tlast_over_time({}[{}ms]) keep_metric_names",
      selector(database, query.measurement, {std::string{info_field}}, query.tags, query.hosts),
      reach.count());
  return {"/api/v1/query", "nocache=1" + time_parameter("time", at) + parameter("query", text)};
}

VictoriaRequest victoria_aggregate_request(const std::string& database,
                                           const AggregateQuery& query) {
  const auto text =
      fmt::format("{}{}[{}ms]) keep_metric_names",
                  query.means_only ? "avg_over_time("
                                   : "aggr_over_time((\"count_over_time\",\"min_over_time\","
                                     "\"max_over_time\",\"sum_over_time\"),",
                  selector(database, query.measurement, query.fields, query.tags, query.hosts),
                  query.window.count());
  // A window ends with the sample at its end: a millisecond before the next step begins.
  const TimePoint first = query.from + query.step - Duration{1};
  return {"/api/v1/query_range",
          fmt::format("nocache=1&step={}ms", query.step.count()) + time_parameter("start", first) +
              time_parameter("end", query.to - Duration{1}) + parameter("query", text)};
}

}  // namespace plimsoll
