#include "store/influx_contract.h"

#include <fmt/format.h>
#include <zlib.h>

#include <map>

#include "core/json_writer.h"
#include "core/text.h"
#include "runtime/http_client.h"
#include "store/influx_refusal.h"

namespace plimsoll {
namespace {

constexpr Duration patience{20'000};

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    const auto hex = text.substr(std::min(i + 1, text.size()), 2);
    const char* const digits = hex.data();
    const bool coded = text[i] == '%' && hex.size() == 2 &&
                       std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
    out += coded ? static_cast<char>(value) : text[i];
    if (coded) i += 2;
  }
  return out;
}

std::map<std::string, std::string> parameters(std::string_view form) {
  std::map<std::string, std::string> found;
  for (const auto pair : split(form, '&')) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    found.emplace(percent_decode(pair.substr(0, equals)), percent_decode(pair.substr(equals + 1)));
  }
  return found;
}

std::string gunzip(std::string_view packed) {
  constexpr int gzip_window = 15 + 16;
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) return {};
  std::string out(64U << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = inflate(&stream, Z_FINISH);
  out.resize(ended == Z_STREAM_END ? stream.total_out : 0);
  inflateEnd(&stream);
  return out;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

void InfluxContract::want(bool kept, const std::string& rule) {
  if (!kept) violations_.push_back(rule);
}

HttpResponse InfluxContract::error(unsigned status, const std::string& code,
                                   const std::string& message) const {
  JsonWriter json;
  json.begin_object();
  if (rules_.version == Version::two) json.field("code", code).field("message", message);
  if (rules_.version == Version::three) json.field("error", message);
  return json_response(json.end_object().take(), status);
}

bool InfluxContract::may_come_in(const HttpRequest& request) const {
  const char* scheme = rules_.version == Version::two ? "Token " : "Bearer ";
  return header(request.headers, "Authorization") == scheme + rules_.token;
}

Task<HttpResponse> InfluxContract::handle(HttpRequest request) {
  const std::string target = request.target;
  const auto path = path_of(target);
  const auto mark = target.find('?');
  std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
  want(request.method == "POST", "POST");
  if (!may_come_in(request)) co_return error(401, "unauthorized", "unauthorized access");
  const char* writes = rules_.version == Version::two ? "/api/v2/write" : "/api/v3/write_lp";
  if (path == writes) {
    auto answer = write(std::move(request), std::move(query));
    co_return co_await std::move(answer);
  }
  if (path == "/query") {
    auto answer = this->query(std::move(request));
    co_return co_await std::move(answer);
  }
  violations_.push_back("no such path: " + target);
  co_return error(404, "not found", "path not found");
}

Task<HttpResponse> InfluxContract::write(HttpRequest request, std::string query) {
  const auto given = parameters(query);
  const bool two = rules_.version == Version::two;
  const auto value = [&](const char* name) {
    const auto found = given.find(name);
    return found == given.end() ? std::string{} : found->second;
  };
  want(value("precision") == (two ? "ms" : "millisecond"), "precision, of " + query);
  want(header(request.headers, "Content-Type").starts_with("text/plain"), "Content-Type");
  const bool packed = header(request.headers, "Content-Encoding") == "gzip";
  want(packed || header(request.headers, "Content-Encoding").empty(), "Content-Encoding");
  if (two && value("org") != rules_.org) {
    co_return error(404, "not found",
                    fmt::format("organization name \"{}\" not found", value("org")));
  }
  if (value(two ? "bucket" : "db") != rules_.bucket) {
    co_return error(404, "not found", fmt::format("bucket \"{}\" not found", value("bucket")));
  }
  const auto answer = co_await behind_write(request.body, packed);
  if (answer.status == 400 && !two) co_return co_await name_bad_lines(request.body);
  if (answer.status == 400) co_return partial(answer.body);
  co_return answer;
}

HttpResponse InfluxContract::partial(std::string_view body) const {
  const auto text = influx_error_text(body);
  if (text.find("unable to parse") != std::string::npos) {
    JsonWriter json;
    json.begin_object().field("code", "invalid").field("message", text).field("line", 1);
    return json_response(json.end_object().take(), 400);
  }
  return error(422, "unprocessable entity", "failure writing points to database: " + text);
}

// 3.x tells each line that it did not take.
Task<HttpResponse> InfluxContract::name_bad_lines(std::string packed) {
  const std::string text = gunzip(packed);
  JsonWriter json;
  json.begin_object().field("error", "partial write of line protocol occurred");
  json.key("data").begin_array();
  std::size_t number = 0;
  for (const auto line : split(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    const auto answer = co_await behind_write(std::string{line}, false);
    if (answer.status == 204) continue;
    json.begin_object().field("original_line", line).field("line_number", number);
    json.field("error_message", influx_error_text(answer.body)).end_object();
  }
  json.end_array().end_object();
  co_return json_response(json.take(), 400);
}

Task<HttpResponse> InfluxContract::behind_write(std::string lines, bool packed) {
  HttpRequest request;
  request.method = "POST";
  request.target = fmt::format("/write?db={}&precision=ms", percent_encode(rules_.bucket));
  request.body = std::move(lines);
  if (packed) request.headers.emplace_back("Content-Encoding", "gzip");
  auto answer = behind(std::move(request));
  co_return co_await std::move(answer);
}

Task<HttpResponse> InfluxContract::query(HttpRequest request) {
  const auto given = parameters(request.body);
  want(given.contains("q") && given.contains("epoch") && given.at("epoch") == "ms", "q and epoch");
  if (!given.contains("db") || given.at("db") != rules_.bucket) {
    co_return error(404, "not found", "unable to find DBRP");
  }
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.target = "/query";
  auto answer = behind(std::move(request));
  co_return co_await std::move(answer);
}

Task<HttpResponse> InfluxContract::behind(HttpRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  HttpTarget target;
  target.host = "127.0.0.1";
  target.port = rules_.behind;
  HttpLimits limits;
  limits.body_bytes_max = 64U << 20;
  HttpClient client{executor, target, limits};
  auto answer = co_await client.send(std::move(request), patience);
  if (!answer) co_return error(503, "unavailable", answer.error().message);
  answer->headers = {{"Content-Type", "application/json"}};
  co_return std::move(*answer);
}

}  // namespace plimsoll
