#include "store/influx_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "store/aside.h"
#include "store/gzip.h"
#include "store/influx_batch.h"
#include "store/influx_query.h"
#include "store/point_rules.h"
#include "store/serial_client.h"

namespace plimsoll {
namespace {

constexpr std::size_t write_answer_max = 1U << 20;
constexpr std::size_t query_answer_max = 64U << 20;

HttpLimits at_most(std::size_t body_bytes) {
  HttpLimits limits;
  limits.body_bytes_max = body_bytes;
  return limits;
}

std::optional<std::string> config_fault(const InfluxConfig& config) {
  if (config.database.empty() || printable(config.database, 255) != config.database) {
    return "store.database: must be a name of at most 255 printable bytes";
  }
  if (config.timeout <= Duration{0}) return "store.timeout: must be more than zero";
  if (auto fault = login_fault(config.login)) return fault;
  if (!config.org.empty() && config.login.token.empty()) return "store.org: needs a token as well";
  return std::nullopt;
}

enum class Dialect { v1, v2, v3 };

Dialect dialect_of(const InfluxConfig& config) {
  if (config.login.token.empty()) return Dialect::v1;
  return config.org.empty() ? Dialect::v3 : Dialect::v2;
}

std::string write_target(const InfluxConfig& config) {
  const auto database = percent_encode(config.database);
  switch (dialect_of(config)) {
    case Dialect::v1:
      return fmt::format("/write?db={}&precision=ms", database);
    case Dialect::v2:
      return fmt::format("/api/v2/write?org={}&bucket={}&precision=ms", percent_encode(config.org),
                         database);
    case Dialect::v3:
      return fmt::format("/api/v3/write_lp?db={}&precision=millisecond&accept_partial=true",
                         database);
  }
  return "";
}

const char* missing_advice(const InfluxConfig& config) {
  switch (dialect_of(config)) {
    case Dialect::v1:
      return "check store.database";
    case Dialect::v2:
      return "check store.org and store.database; a bucket is made with: influx bucket create";
    case Dialect::v3:
      return "check store.database; InfluxDB 2.x wants store.org too";
  }
  return "";
}

}  // namespace

class InfluxStore::Impl {
 public:
  Impl(const asio::any_io_executor& executor, InfluxConfig config, const HttpTarget& target)
      : config_(std::move(config)),
        writer_(executor, target, at_most(write_answer_max)),
        reader_(executor, target, at_most(query_answer_max)) {}

  Task<Result<void>> open();
  Task<Result<WriteReport>> write(std::vector<Point> points);
  Task<Result<std::string>> query(std::string influxql);
  /// The same, and what `parse(body)` makes of it, aside from the loop. Requires: as read_aside.
  template <class Parse>
  Task<std::invoke_result_t<Parse, const std::string&>> query(std::string influxql, Parse parse) {
    auto body = co_await query(std::move(influxql));
    if (!body) co_return body.error();
    auto answer = co_await read_aside(&reading_, std::move(*body), std::move(parse));
    if (!answer) co_return located(answer.error());
    co_return answer;
  }
  [[nodiscard]] Error located(const Error& error) const { return error.in(config_.url); }
  [[nodiscard]] const InfluxConfig& config() const { return config_; }

 private:
  Task<Result<void>> make_database();
  Task<Result<std::optional<InfluxPartial>>> send_lines(std::string packed);
  Task<Result<HttpResponse>> post_lines(std::string packed);
  [[nodiscard]] HttpRequest request(std::string target, std::string body) const;
  [[nodiscard]] Error failure(const HttpResponse& response) const;
  [[nodiscard]] Error not_allowed(const std::string& why) const;
  [[nodiscard]] Error transport(const Error& error) const;

  InfluxConfig config_;
  SerialClient writer_;
  SerialClient reader_;
  asio::thread_pool reading_{1};
};

HttpRequest InfluxStore::Impl::request(std::string target, std::string body) const {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  auto login =
      authorization(config_.login, dialect_of(config_) == Dialect::v2 ? "Token" : "Bearer");
  if (!login.empty()) request.headers.emplace_back("Authorization", std::move(login));
  return request;
}

Error InfluxStore::Impl::not_allowed(const std::string& why) const {
  return {Errc::unauthorized,
          fmt::format("{}: InfluxDB says no to database '{}' ({}); {}", config_.url,
                      config_.database, why, login_advice(config_.login))};
}

// An HTTP status that is no success, as the store's failure.
Error InfluxStore::Impl::failure(const HttpResponse& response) const {
  const auto why = influx_error_text(response.body);
  if (response.status == 401 || response.status == 403) return not_allowed(why);
  if (response.status >= 500 || response.status == 429) {
    return {Errc::unreachable, fmt::format("{}: InfluxDB cannot answer now ({} {}), try again",
                                           config_.url, response.status, why)};
  }
  if (response.status == 404) {
    return {Errc::not_found, fmt::format("{}: InfluxDB does not find '{}' ({}); {}", config_.url,
                                         config_.database, why, missing_advice(config_))};
  }
  const bool theirs = response.status == 400 || response.status == 422;
  if (theirs) {
    return {Errc::refused,
            fmt::format("{}: InfluxDB refused ({} {})", config_.url, response.status, why)};
  }
  return {Errc::malformed, fmt::format("{}: answers {}, which InfluxDB does not; check store.url",
                                       config_.url, response.status)};
}

Error InfluxStore::Impl::transport(const Error& error) const {
  if (error.code == Errc::too_large) {
    return {error.code, config_.url + ": the answer is too long; ask for a shorter range"};
  }
  return {error.code, error.message + "; is InfluxDB running at store.url?"};
}

Task<Result<std::string>> InfluxStore::Impl::query(std::string influxql) {
  auto body = fmt::format("db={}&epoch=ms&q={}", percent_encode(config_.database),
                          percent_encode(influxql));
  auto message = request("/query", std::move(body));
  message.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  auto response = co_await reader_.send(std::move(message), config_.timeout);
  if (!response) co_return transport(response.error());
  if (response->status != 200) co_return failure(*response);
  co_return std::move(response->body);
}

Task<Result<void>> InfluxStore::Impl::open() {
  // 2.x makes its buckets elsewhere; asking for anything shows whether the token works.
  const bool by_token = !config_.login.token.empty();
  const auto body = co_await query(by_token ? "SHOW MEASUREMENTS LIMIT 1" : "SHOW DATABASES");
  if (!body) co_return body.error();
  const auto names = parse_influx_names(*body);
  if (!names) co_return located(names.error());
  const bool there = std::find(names->begin(), names->end(), config_.database) != names->end();
  if (by_token || there) co_return Result<void>{};
  co_return co_await make_database();
}

Task<Result<void>> InfluxStore::Impl::make_database() {
  const auto body = co_await query("CREATE DATABASE " + influx_name(config_.database));
  if (!body) co_return body.error();
  const auto answer = parse_influx_names(*body);
  if (!answer) co_return not_allowed(answer.error().message);
  co_return Result<void>{};
}

Task<Result<HttpResponse>> InfluxStore::Impl::post_lines(std::string packed) {
  auto message = request(write_target(config_), std::move(packed));
  message.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  message.headers.emplace_back("Content-Encoding", "gzip");
  auto response = co_await writer_.send(std::move(message), config_.timeout);
  if (!response) co_return transport(response.error());
  co_return response;
}

// Nothing when all were taken, else what InfluxDB says of those it did not take.
Task<Result<std::optional<InfluxPartial>>> InfluxStore::Impl::send_lines(std::string packed) {
  auto response = co_await post_lines(packed);
  if (response && response->status == 404 && config_.login.token.empty()) {
    const auto made = co_await make_database();  // somebody dropped it
    if (!made) co_return made.error();
    response = co_await post_lines(std::move(packed));
  }
  if (!response) co_return response.error();
  // Any other web server would say 200, and nothing would be written.
  if (response->status == 204) co_return std::optional<InfluxPartial>{};
  auto partial = parse_influx_partial(response->status, response->body);
  if (!partial) co_return failure(*response);
  co_return partial;
}

Task<Result<WriteReport>> InfluxStore::Impl::write(std::vector<Point> points) {
  InfluxBatch batch{std::move(points)};
  while (!batch.done()) {
    auto part = batch.next();
    auto packed = gzip(batch.lines(part));
    const auto sent = co_await send_lines(std::move(packed));
    if (!sent) co_return sent.error();
    if (const auto& partial = *sent; partial.has_value()) {
      batch.taken_in_part(std::move(part), *partial);
    } else {
      batch.taken(part);
    }
  }
  co_return std::move(batch).report();
}

InfluxStore::InfluxStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InfluxStore::~InfluxStore() = default;

Result<std::unique_ptr<InfluxStore>> InfluxStore::make(const asio::any_io_executor& executor,
                                                       InfluxConfig config) {
  if (const auto fault = config_fault(config)) return Error{Errc::invalid, *fault};
  auto target = parse_http_target(config.url);
  if (!target) return target.error().in("store.url");
  auto impl = std::make_unique<Impl>(executor, std::move(config), *target);
  return std::unique_ptr<InfluxStore>{new InfluxStore(std::move(impl))};
}

Task<Result<void>> InfluxStore::open() { return impl_->open(); }

Task<Result<WriteReport>> InfluxStore::write(std::vector<Point> points) {
  return impl_->write(std::move(points));
}

Task<Result<std::vector<Series>>> InfluxStore::range(RangeQuery query) {
  if (query.fields.empty()) co_return std::vector<Series>{};
  auto influxql = influx_range_query(query);
  auto parse = [query = std::move(query)](const std::string& body) {
    return parse_influx_range(body, query);
  };
  co_return co_await impl_->query(std::move(influxql), std::move(parse));
}

Task<Result<std::vector<Point>>> InfluxStore::latest(LatestQuery query) {
  auto influxql = influx_latest_query(query);
  auto parse = [query = std::move(query)](const std::string& body) {
    auto points = parse_influx_points(body, query.measurement);
    if (points) std::ranges::sort(*points, {}, &Point::tags);
    return points;
  };
  co_return co_await impl_->query(std::move(influxql), std::move(parse));
}

Task<Result<std::vector<Point>>> InfluxStore::points(PointsQuery query) {
  auto influxql = influx_points_query(query);
  auto parse = [query = std::move(query)](const std::string& body) {
    auto points = parse_influx_points(body, query.measurement);
    if (points && points->size() <= points_answer_max) sort_by_time(*points);
    return points;
  };
  auto points = co_await impl_->query(std::move(influxql), std::move(parse));
  if (points && points->size() > points_answer_max) co_return too_many_points();
  co_return points;
}

Task<Result<std::vector<std::string>>> InfluxStore::measurements() {
  const auto body = co_await impl_->query("SHOW MEASUREMENTS");
  if (!body) co_return body.error();
  auto names = parse_influx_names(*body);
  if (!names) co_return impl_->located(names.error());
  std::sort(names->begin(), names->end());
  co_return names;
}

// Truths cannot be added up in InfluxQL, and its percentile() rounds to a rank in a way of its own.
Task<Result<std::vector<SummarySeries>>> InfluxStore::aggregate(AggregateQuery query) {
  const auto checked = check(std::move(query));
  if (!checked) co_return checked.error();
  const auto shown = co_await impl_->query(influx_types_query(checked->measurement));
  if (!shown) co_return shown.error();
  const auto types = parse_influx_types(*shown);
  if (!types) co_return impl_->located(types.error());
  std::vector<std::string> numbers;
  bool truths = false;
  for (const auto& field : checked->fields) {
    const auto type = types->find(field);
    if (type == types->end() || type->second == FieldType::text) continue;
    truths = truths || type->second == FieldType::truth;
    numbers.push_back(field);
  }
  if (numbers.empty()) co_return std::vector<SummarySeries>{};
  if (truths || !checked->percentiles.empty()) {
    auto from_rows = Store::aggregate(*checked);
    co_return co_await std::move(from_rows);
  }
  auto influxql = influx_aggregate_query(*checked, numbers);
  auto parse = [query = *checked, numbers = std::move(numbers)](const std::string& body) {
    return parse_influx_aggregate(body, query, numbers);
  };
  co_return co_await impl_->query(std::move(influxql), std::move(parse));
}

StoreTraits InfluxStore::traits() const {
  StoreTraits traits;
  traits.fraction_digits = 15;       // as Boost.JSON reads them; the store has all 17
  traits.reports_all_drops = false;  // what is older than its retention policy
  return traits;
}

std::string InfluxStore::describe() const {
  return fmt::format("influxdb {} {}", impl_->config().url, impl_->config().database);
}

}  // namespace plimsoll
