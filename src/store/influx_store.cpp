#include "store/influx_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "store/base64.h"
#include "store/gzip.h"
#include "store/influx_query.h"
#include "store/point_rules.h"
#include "store/serial_client.h"
#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

constexpr std::size_t points_per_request = 5'000;
constexpr int halvings_max = 256;  // requests spent on finding bad points in one write
constexpr HttpLimits write_limits{.body_bytes_max = 1U << 20, .header_bytes_max = 16U << 10};
constexpr HttpLimits query_limits{.body_bytes_max = 64U << 20, .header_bytes_max = 16U << 10};

bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::string> config_fault(const InfluxConfig& config) {
  if (config.database.empty() || printable(config.database, 255) != config.database) {
    return "store.database: must be a name of at most 255 printable bytes";
  }
  if (config.timeout <= Duration{0}) return "store.timeout: must be more than zero";
  if (config.username.find(':') != std::string::npos) {
    return "store.username: must not contain ':'";
  }
  if (!is_header_text(config.token))
    return "store.token_file: the token has a space or a control character";
  if (!config.token.empty() && !config.username.empty()) {
    return "store: username and token are both set; keep one";
  }
  if (!config.org.empty() && config.token.empty()) return "store.org: needs a token as well";
  return std::nullopt;
}

std::string authorization(const InfluxConfig& config) {
  if (!config.token.empty()) return "Token " + config.token;
  if (config.username.empty()) return "";
  return "Basic " + base64(config.username + ":" + config.password);
}

std::string write_target(const InfluxConfig& config) {
  const auto database = percent_encode(config.database);
  if (config.org.empty()) return "/write?db=" + database + "&precision=ms";
  return fmt::format("/api/v2/write?org={}&bucket={}&precision=ms", percent_encode(config.org),
                     database);
}

// A part of a batch that is still to be sent.
struct Part {
  std::size_t first = 0;
  std::size_t last = 0;
  [[nodiscard]] std::size_t size() const { return last - first; }
};

// Keeps the account of one write: what is to be sent, and what became of it.
class Batch {
 public:
  explicit Batch(std::vector<Point> points) : points_(keep_storable(std::move(points), report_)) {
    for (std::size_t last = points_.size(); last > 0;) {
      const std::size_t first = (last - 1) / points_per_request * points_per_request;
      parts_.push_back({first, last});
      last = first;
    }
  }

  [[nodiscard]] bool done() const { return parts_.empty(); }
  Part next() {
    const Part part = parts_.back();
    parts_.pop_back();
    return part;
  }
  [[nodiscard]] std::string lines(Part part) const {
    std::string lines;
    for (std::size_t i = part.first; i < part.last; ++i) append_line(lines, points_[i]);
    return lines;
  }

  void taken(Part part) { report_.written += part.size(); }

  void taken_in_part(Part part, const InfluxPartial& partial) {
    const bool worth_halving = !partial.dropped || report_.problems.size() < problems_max;
    if (part.size() == 1) {
      reject(report_, series_name(points_[part.first]) + ": " + partial.why);
    } else if (worth_halving && halvings_-- > 0) {
      const std::size_t middle = part.first + part.size() / 2;
      parts_.push_back({middle, part.last});
      parts_.push_back({part.first, middle});
    } else {
      const auto dropped = std::min(partial.dropped.value_or(part.size()), part.size());
      report_.written += part.size() - dropped;
      report_.rejected += dropped;
    }
  }

  [[nodiscard]] WriteReport report() && { return std::move(report_); }

 private:
  WriteReport report_;
  std::vector<Point> points_;
  std::vector<Part> parts_;  // the next one at the back
  int halvings_ = halvings_max;
};

}  // namespace

class InfluxStore::Impl {
 public:
  Impl(const asio::any_io_executor& executor, InfluxConfig config, const HttpTarget& target)
      : config_(std::move(config)),
        authorization_(authorization(config_)),
        writer_(executor, target, write_limits),
        reader_(executor, target, query_limits) {}

  Task<Result<void>> open();
  Task<Result<WriteReport>> write(std::vector<Point> points);
  Task<Result<std::string>> query(std::string influxql);
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
  std::string authorization_;
  SerialClient writer_;
  SerialClient reader_;
};

HttpRequest InfluxStore::Impl::request(std::string target, std::string body) const {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
  return request;
}

Error InfluxStore::Impl::not_allowed(const std::string& why) const {
  const char* advice = !config_.token.empty() ? "check store.token_file or PLIMSOLL_STORE_TOKEN"
                       : config_.username.empty()
                           ? "it wants a user: set store.username and store.password_file"
                           : "check store.username and store.password_file or "
                             "PLIMSOLL_STORE_PASSWORD, and the user's rights";
  return {Errc::unauthorized, fmt::format("{}: InfluxDB says no to database '{}' ({}); {}",
                                          config_.url, config_.database, why, advice)};
}

// An HTTP status that is no success, as the store's failure.
Error InfluxStore::Impl::failure(const HttpResponse& response) const {
  const auto why = influx_error_text(response.body);
  if (response.status == 401 || response.status == 403) return not_allowed(why);
  if (response.status >= 500 || response.status == 429) {
    return {Errc::unreachable, fmt::format("{}: InfluxDB cannot answer now ({} {}), try again",
                                           config_.url, response.status, why)};
  }
  const bool theirs = response.status == 400 || response.status == 404 || response.status == 422;
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
  const bool by_token = !config_.token.empty();
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
  if (response && response->status == 404 && config_.token.empty()) {
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
  Batch batch{std::move(points)};
  while (!batch.done()) {
    const Part part = batch.next();
    auto packed = gzip(batch.lines(part));
    const auto sent = co_await send_lines(std::move(packed));
    if (!sent) co_return sent.error();
    if (const auto& partial = *sent; partial.has_value()) {
      batch.taken_in_part(part, *partial);
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
  const auto body = co_await impl_->query(influx_range_query(query));
  if (!body) co_return body.error();
  auto answer = parse_influx_range(*body, query);
  if (!answer) co_return impl_->located(answer.error());
  co_return answer;
}

Task<Result<std::vector<Point>>> InfluxStore::latest(LatestQuery query) {
  const auto body = co_await impl_->query(influx_latest_query(query));
  if (!body) co_return body.error();
  auto answer = parse_influx_latest(*body, query);
  if (!answer) co_return impl_->located(answer.error());
  co_return answer;
}

std::string InfluxStore::describe() const {
  return fmt::format("influxdb {} {}", impl_->config().url, impl_->config().database);
}

}  // namespace plimsoll
