#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/victoria_lines.h"

namespace plimsoll {

/// A path of the query API and a form to post there.
struct VictoriaRequest {
  std::string path;
  std::string form;
};

/// All requests ask past the server's cache, which holds back the newest values.
[[nodiscard]] VictoriaRequest victoria_catalogue_request(const std::string& database);
/// Raw samples of fields in [from, to]; of several sets of tags in one request where given,
/// and of these hosts only; none: of any.
[[nodiscard]] VictoriaRequest victoria_export_request(
    const std::string& database, const std::string& measurement,
    const std::vector<std::string>& fields,
    const std::vector<std::map<std::string, std::string>>& tags, const std::set<std::string>& hosts,
    TimePoint from, TimePoint to);
/// The time of the last sample of each info series in (at - reach, at].
[[nodiscard]] VictoriaRequest victoria_last_request(const std::string& database,
                                                    const LatestQuery& query, TimePoint at,
                                                    Duration reach);
/// Requires: a checked query.
[[nodiscard]] VictoriaRequest victoria_aggregate_request(const std::string& database,
                                                         const AggregateQuery& query);

using TagMap = std::map<std::string, std::string>;

/// Samples of one series of one field.
struct VictoriaSamples {
  std::string field;
  TagMap tags;
  std::map<std::string, std::string> texts;  ///< Of an info series.
  std::vector<std::pair<TimePoint, double>> values;
};

/// Where each series of info has its last sample.
struct VictoriaLast {
  TagMap tags;
  TimePoint time;
};

/// Readers of the answers. Series of other measurements are passed over.
/// Errors: malformed - not VictoriaMetrics' form; too_large - more than 5 million samples.
[[nodiscard]] Result<VictoriaCatalogue> parse_victoria_catalogue(std::string_view json);
[[nodiscard]] Result<std::vector<VictoriaSamples>> parse_victoria_export(
    std::string_view lines, const std::string& measurement);
[[nodiscard]] Result<std::vector<VictoriaLast>> parse_victoria_last(std::string_view json,
                                                                    const std::string& measurement);
[[nodiscard]] Result<std::vector<SummarySeries>> parse_victoria_aggregate(
    std::string_view json, const AggregateQuery& query);
/// What a failed request's body says, fit to print.
[[nodiscard]] std::string victoria_error_text(std::string_view body);

/// Rows of the fields, in the order of the series' tags; a text field has none.
[[nodiscard]] std::vector<Series> rows_of(const std::vector<VictoriaSamples>& samples,
                                          const RangeQuery& query);
/// Whole points in [from, to), of series that carry the tags.
[[nodiscard]] std::vector<Point> points_of_samples(const std::vector<VictoriaSamples>& samples,
                                                   const std::map<std::string, FieldType>& types,
                                                   const PointsQuery& query);

}  // namespace plimsoll
