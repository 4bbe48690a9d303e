// Asks one agent again and again, at a pace or as fast as it answers, over one connection, and
// tells how long that took.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

#include "core/json_writer.h"
#include "core/text.h"
#include "tiny_server.h"

namespace plimsoll::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string address = "127.0.0.1", path = "/metrics";
  std::uint16_t port = 0;
  std::size_t every_ms = 1000, count = 20;
};

class Connection {
 public:
  explicit Connection(const Options& options)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    const timeval patience{10, 0};
    const int yes = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const bool named = ::inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) == 1;
    const auto* any = reinterpret_cast<sockaddr*>(&address);  // NOLINT(*-reinterpret-cast)
    if (!named || ::connect(fd_, any, sizeof address) != 0) {
      give_up(fmt::format("{}:{}: {}", options.address, options.port, std::strerror(errno)));
    }
    request_ = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\n\r\n", options.path,
                           options.address);
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The body of one answer.
  std::string_view get() {
    if (::send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) give_up("cannot send");
    answer_.clear();
    for (;;) {
      if (const auto body = whole_body()) return *body;
      std::array<char, 65'536> chunk{};
      const auto n = ::recv(fd_, chunk.data(), chunk.size(), 0);
      if (n <= 0) give_up("no answer");
      answer_.append(chunk.data(), static_cast<std::size_t>(n));
    }
  }

 private:
  [[nodiscard]] std::optional<std::string_view> whole_body() const {
    const auto end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    if (!answer_.starts_with("HTTP/1.1 200")) give_up(answer_.substr(0, answer_.find('\r')));
    const std::string_view body = std::string_view{answer_}.substr(end + 4);
    const auto head = to_lower(answer_.substr(0, end));
    const auto length = head.find("content-length:");
    if (length == std::string::npos) {
      // Chunks: the last one is empty. Their framing is counted as body, which harms nobody here.
      return body.ends_with("\r\n0\r\n\r\n") ? std::optional{body} : std::nullopt;
    }
    const auto value = std::string_view{head}.substr(length + 15);
    const auto bytes = parse_number<std::size_t>(trim(value.substr(0, value.find('\r'))));
    return bytes && body.size() >= *bytes ? std::optional{body} : std::nullopt;
  }

  int fd_;
  std::string request_, answer_;
};

/// Numbers of an exposition, or of a JSON document.
std::size_t samples_in(std::string_view body) {
  std::size_t count = 0;
  if (body.starts_with('{')) {
    for (std::size_t i = 1; i < body.size(); ++i) {
      const bool starts = (body[i] >= '0' && body[i] <= '9') || body[i] == '-';
      if (starts && (body[i - 1] == ':')) ++count;
    }
    return count;
  }
  for (const auto line : split(body, '\n')) {
    const bool alphabetic =
        !line.empty() && ((line.front() | 0x20) >= 'a' && (line.front() | 0x20) <= 'z');
    if (alphabetic && line.find(' ') != std::string_view::npos) ++count;
  }
  return count;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(place))];
}

int scrape(const Options& options) {
  Connection connection{options};
  std::vector<double> took_us;
  std::size_t bytes = 0;
  std::size_t samples = 0;
  auto due = Clock::now();
  for (std::size_t i = 0; i < options.count; ++i) {
    std::this_thread::sleep_until(due);
    const auto start = Clock::now();
    const auto body = connection.get();
    took_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    bytes = body.size();
    samples = samples_in(body);
    due = std::max(due + std::chrono::milliseconds{options.every_ms}, Clock::now());
  }
  std::sort(took_us.begin(), took_us.end());
  JsonWriter json;
  json.begin_object().field("requests", took_us.size()).field("bytes", bytes);
  json.field("samples", samples).field("p50_us", quantile(took_us, 0.5));
  json.field("p99_us", quantile(took_us, 0.99)).field("max_us", took_us.back()).end_object();
  fmt::print("{}\n", json.str());
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Asks an agent again and again"};
  Options options;
  app.add_option("--address", options.address);
  app.add_option("--port", options.port)->required();
  app.add_option("--path", options.path);
  app.add_option("--every-ms", options.every_ms, "0: as fast as it answers");
  app.add_option("--count", options.count)->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  return scrape(options);
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) { return plimsoll::bench::run(argc, argv); }
