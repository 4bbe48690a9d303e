// A store that takes everything at once and keeps nothing, so that collectors are measured without
// one: InfluxDB's /write and /query, Prometheus' remote write. Counts what came.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <zlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>

#include "core/json_writer.h"
#include "tiny_server.h"

namespace plimsoll::bench {
namespace {

constexpr std::size_t body_bytes_max = 256U << 20;

/// Lines of a body, unpacked.
std::size_t lines_in(const Ask& ask, std::vector<char>& space) {
  if (!ask.gzip) return static_cast<std::size_t>(std::ranges::count(ask.body, '\n'));
  z_stream stream{};
  if (::inflateInit2(&stream, 15 + 32) != Z_OK) give_up("zlib");
  std::string body{ask.body};
  stream.next_in = reinterpret_cast<Bytef*>(body.data());  // NOLINT(*-reinterpret-cast)
  stream.avail_in = static_cast<uInt>(body.size());
  std::size_t lines = 0;
  for (int code = Z_OK; code == Z_OK && stream.total_out < body_bytes_max;) {
    stream.next_out = reinterpret_cast<Bytef*>(space.data());  // NOLINT(*-reinterpret-cast)
    stream.avail_out = static_cast<uInt>(space.size());
    code = ::inflate(&stream, Z_NO_FLUSH);
    const auto got = static_cast<std::ptrdiff_t>(space.size() - stream.avail_out);
    lines += static_cast<std::size_t>(std::count(space.begin(), space.begin() + got, '\n'));
  }
  ::inflateEnd(&stream);
  return lines;
}

class Sink final : public AskHandler {
 public:
  Reply asked(const Ask& ask) override {
    if (ask.path == "/summary") return summary();
    if (ask.path == "/start") {
      requests_ = bytes_ = lines_ = 0;
      return {Reply::How::send, taken_};
    }
    if (ask.path == "/query") return {Reply::How::send, query_};
    if (ask.method != "POST") return {Reply::How::send, taken_};
    ++requests_;
    bytes_ += ask.body.size();
    if (ask.path.ends_with("/write") && !ask.path.starts_with("/api/v1")) {
      lines_ += lines_in(ask, space_);
    }
    return {Reply::How::send, taken_};
  }

 private:
  Reply summary() {
    JsonWriter json;
    json.begin_object().field("requests", requests_).field("bytes", bytes_);
    json.field("lines", lines_).end_object();
    summary_ = http_answer("200 OK", "application/json", json.str());
    return {Reply::How::send, summary_};
  }

  std::size_t requests_ = 0, bytes_ = 0, lines_ = 0;
  std::vector<char> space_ = std::vector<char>(1U << 18);
  std::string summary_;
  std::string taken_ = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
  std::string query_ =
      http_answer("200 OK", "application/json", R"({"results":[{"statement_id":0}]})");
};

int run(int argc, char** argv) {
  CLI::App app{"A store that takes everything and keeps nothing"};
  unsigned seconds_max = 900;
  app.add_option("--seconds-max", seconds_max, "ends by itself after these");
  CLI11_PARSE(app, argc, argv);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::alarm(seconds_max);
  Sink sink;
  TinyServer server{sink};
  fmt::print("port {}\n", server.listen(TinyServer::On::one_address, 0));
  std::fflush(stdout);
  server.run();
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) { return plimsoll::bench::run(argc, argv); }
