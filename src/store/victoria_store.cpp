#include "store/victoria_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "store/victoria_latest.h"

namespace plimsoll {
namespace {

constexpr std::size_t points_per_request = 5'000;
// The server's own default bound, -search.maxPointsPerTimeseries.
constexpr std::int64_t steps_max = 30'000;

std::optional<std::string> config_fault(const VictoriaConfig& config) {
  if (config.database.empty() || printable(config.database, 255) != config.database) {
    return "store.database: must be a name of at most 255 printable bytes";
  }
  if (config.timeout <= Duration{0}) return "store.timeout: must be more than zero";
  return login_fault(config.login);
}

// A part of a batch, with its places in the whole.
StorablePoints part_of(const StorablePoints& batch, std::size_t first) {
  const std::size_t last = std::min(first + points_per_request, batch.points.size());
  StorablePoints part;
  for (std::size_t i = first; i < last; ++i) {
    part.points.push_back(batch.points[i]);
    part.positions.push_back(batch.positions[i]);
  }
  return part;
}

std::vector<std::string> with_info(const std::map<std::string, FieldType>& types) {
  std::vector<std::string> fields{std::string{info_field}};
  for (const auto& [name, type] : types) {
    if (type != FieldType::text) fields.push_back(name);
  }
  return fields;
}

}  // namespace

class VictoriaStore::Impl {
 public:
  Impl(const asio::any_io_executor& executor, VictoriaConfig config, const HttpTarget& to,
       const HttpTarget& from)
      : client_(executor, std::move(config), to, from), latest_(client_) {}

  Task<Result<void>> open();
  Task<Result<WriteReport>> write(std::vector<Point> points);
  Task<Result<std::vector<Point>>> latest(LatestQuery query);
  Task<Result<std::vector<Point>>> points(PointsQuery query);
  Task<Result<VictoriaCatalogue>> catalogue();
  /// What `make` makes of the samples of fields in [from, to).
  template <class Make>
  Task<Result<std::invoke_result_t<Make, std::vector<VictoriaSamples>>>> samples(RangeQuery query,
                                                                                 Make make);
  VictoriaClient& client() { return client_; }

 private:
  VictoriaClient client_;
  VictoriaLatest latest_;
  VictoriaCatalogue writing_;  // what is known of the fields by the one who writes
};

Task<Result<VictoriaCatalogue>> VictoriaStore::Impl::catalogue() {
  auto request = victoria_catalogue_request(client_.config().database);
  const auto parse = [](const std::string& body) { return parse_victoria_catalogue(body); };
  co_return co_await client_.read(std::move(request), parse);
}

Task<Result<void>> VictoriaStore::Impl::open() {
  auto known = co_await catalogue();
  if (!known) co_return known.error();
  writing_ = std::move(*known);
  // Reading and writing may be different servers.
  co_return co_await client_.write("");
}

Task<Result<WriteReport>> VictoriaStore::Impl::write(std::vector<Point> points) {
  WriteReport report;
  const auto batch = keep_storable(std::move(points), report);
  for (std::size_t first = 0; first < batch.points.size(); first += points_per_request) {
    const auto part = part_of(batch, first);
    auto lines = victoria_lines(part, writing_, report);
    if (lines.empty()) continue;
    const auto written = co_await client_.write(std::move(lines));
    if (!written) {
      writing_.write_all_again();
      co_return written.error();
    }
    for (const auto& point : part.points) latest_.written(point);
  }
  put_in_order(report);
  co_return report;
}

Task<Result<std::vector<Point>>> VictoriaStore::Impl::latest(LatestQuery query) {
  auto known = co_await catalogue();
  if (!known) co_return known.error();
  auto types = known->types(query.measurement);
  if (types.empty()) co_return std::vector<Point>{};
  co_return co_await latest_.read(std::move(query), std::move(types));
}

template <class Make>
Task<Result<std::invoke_result_t<Make, std::vector<VictoriaSamples>>>> VictoriaStore::Impl::samples(
    RangeQuery query, Make make) {
  using Made = std::invoke_result_t<Make, std::vector<VictoriaSamples>>;
  const TimePoint from = storable_time(query.from);
  const TimePoint to = storable_time(query.to);
  if (query.fields.empty() || from >= to) co_return Made{};
  std::vector<TagMap> tags(1, query.tags);
  auto request = victoria_export_request(client_.config().database, query.measurement, query.fields,
                                         tags, query.hosts, from, to - Duration{1});
  auto parse = [measurement = query.measurement,
                make = std::move(make)](const std::string& body) -> Result<Made> {
    auto samples = parse_victoria_export(body, measurement);
    if (!samples) return samples.error();
    return make(std::move(*samples));
  };
  co_return co_await client_.read(std::move(request), std::move(parse));
}

Task<Result<std::vector<Point>>> VictoriaStore::Impl::points(PointsQuery query) {
  const auto known = co_await catalogue();
  if (!known) co_return known.error();
  auto types = known->types(query.measurement);
  if (types.empty()) co_return std::vector<Point>{};
  RangeQuery wanted{query.measurement, with_info(types), query.tags,
                    query.from,        query.to,         query.hosts};
  auto make = [types = std::move(types),
               query = std::move(query)](const std::vector<VictoriaSamples>& samples) {
    auto points = points_of_samples(samples, types, query);
    if (points.size() <= points_answer_max) sort_by_time(points);
    return points;
  };
  auto points = co_await samples(std::move(wanted), std::move(make));
  if (points && points->size() > points_answer_max) co_return too_many_points();
  co_return points;
}

VictoriaStore::VictoriaStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VictoriaStore::~VictoriaStore() = default;

Result<std::unique_ptr<VictoriaStore>> VictoriaStore::make(const asio::any_io_executor& executor,
                                                           VictoriaConfig config) {
  if (const auto fault = config_fault(config)) return Error{Errc::invalid, *fault};
  const auto to = parse_http_target(config.url);
  if (!to) return to.error().in("store.url");
  const auto from = config.read_url.empty() ? to : parse_http_target(config.read_url);
  if (!from) return from.error().in("store.read_url");
  auto impl = std::make_unique<Impl>(executor, std::move(config), *to, *from);
  return std::unique_ptr<VictoriaStore>{new VictoriaStore(std::move(impl))};
}

Task<Result<void>> VictoriaStore::open() { return impl_->open(); }

Task<Result<WriteReport>> VictoriaStore::write(std::vector<Point> points) {
  return impl_->write(std::move(points));
}

Task<Result<std::vector<Series>>> VictoriaStore::range(RangeQuery query) {
  // Not a name of ours: it could read as a pattern.
  if (!is_measurement_name(query.measurement)) co_return std::vector<Series>{};
  RangeQuery wanted = query;
  std::erase_if(wanted.fields, [](const std::string& field) {
    return field == info_field || !is_field_name(field);
  });
  auto make = [query = std::move(query)](const std::vector<VictoriaSamples>& samples) {
    return rows_of(samples, query);
  };
  co_return co_await impl_->samples(std::move(wanted), std::move(make));
}

Task<Result<std::vector<Point>>> VictoriaStore::latest(LatestQuery query) {
  return impl_->latest(std::move(query));
}

Task<Result<std::vector<SummarySeries>>> VictoriaStore::aggregate(AggregateQuery query) {
  const auto checked = check(std::move(query));
  if (!checked) co_return checked.error();
  const std::int64_t steps = (checked->to - checked->from) / checked->step;
  const auto& fields = checked->fields;
  const bool plain = checked->percentiles.empty() && steps <= steps_max &&
                     is_measurement_name(checked->measurement) &&
                     std::all_of(fields.begin(), fields.end(), is_field_name);
  if (!plain) {
    auto from_rows = Store::aggregate(*checked);
    co_return co_await std::move(from_rows);
  }
  if (fields.empty() || steps == 0) co_return std::vector<SummarySeries>{};
  auto& client = impl_->client();
  auto request = victoria_aggregate_request(client.config().database, *checked);
  auto parse = [query = *checked](const std::string& body) {
    return parse_victoria_aggregate(body, query);
  };
  co_return co_await client.read(std::move(request), std::move(parse));
}

Task<Result<std::vector<Point>>> VictoriaStore::points(PointsQuery query) {
  return impl_->points(std::move(query));
}

Task<Result<std::vector<std::string>>> VictoriaStore::measurements() {
  const auto known = co_await impl_->catalogue();
  if (!known) co_return known.error();
  co_return known->measurements();
}

StoreTraits VictoriaStore::traits() const {
  StoreTraits traits;
  traits.replaces = false;
  traits.fraction_digits = 12;
  traits.integer_max_exact = std::int64_t{1} << 53;
  traits.text_bytes_max = victoria_text_max;
  traits.reports_all_drops = false;
  traits.visible_after = Duration{2'000};
  return traits;
}

std::string VictoriaStore::describe() const {
  const auto& config = impl_->client().config();
  return fmt::format("victoriametrics {} {}", config.url, config.database);
}

}  // namespace plimsoll
