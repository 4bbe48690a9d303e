// Simulated hosts: one process that answers on 127.1.x.y as thousands of agents would.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <fstream>

#include "ask_log.h"
#include "core/json_writer.h"
#include "host_answers.h"
#include "tiny_server.h"

namespace plimsoll::bench {
namespace {

constexpr std::size_t hosts_per_block = 250;
constexpr std::size_t hosts_max = 60'000;

struct Options {
  std::size_t hosts = 1000, containers = 10;
  std::size_t interval_ms = 1000;
  std::size_t bad_percent = 0;
  unsigned seconds_max = 900;
  std::string hosts_file, targets_file;
};

std::string address_of(std::size_t host) {
  return fmt::format("127.1.{}.{}", host / hosts_per_block, host % hosts_per_block + 1);
}

std::size_t host_at(in_addr address) {
  const auto bits = ntohl(address.s_addr);
  return ((bits >> 8U) & 0xFFU) * hosts_per_block + (bits & 0xFFU) - 1;
}

/// The last hosts of a fleet with bad ones: a quarter of them each hangs, drips, resets, and
/// answers with 10 MB.
class Fleet final : public AskHandler {
 public:
  explicit Fleet(const Options& options)
      : bad_(options.hosts * options.bad_percent / 100),
        good_(options.hosts - bad_),
        answers_(options.containers),
        log_(good_, std::chrono::milliseconds{options.interval_ms}),
        huge_(http_answer("200 OK", "application/json", std::string(10U << 20, ' '))) {}

  Reply asked(const Ask& ask) override {
    if (ask.listener != 0) return control(ask);
    const auto host = host_at(ask.asked);
    if (host >= good_) return badly(ask, host - good_);
    log_.note(host);
    return {Reply::How::send, answer_to(ask)};
  }

 private:
  std::string_view answer_to(const Ask& ask) {
    if (ask.path == "/v1/telemetry") return answers_.telemetry();
    if (ask.path == "/metrics") return answers_.metrics();
    return not_found_;
  }

  Reply badly(const Ask& ask, std::size_t which) {
    switch (which % 4) {
      case 0:
        return {Reply::How::hang, {}};
      case 1:
        return {Reply::How::drip, answer_to(ask)};
      case 2:
        return {Reply::How::reset, {}};
      default:
        return {Reply::How::send, huge_};
    }
  }

  /// GET /start begins to count anew, GET /summary tells.
  Reply control(const Ask& ask) {
    if (ask.path == "/start") {
      log_.start_anew();
      control_answer_ = http_answer("200 OK", "application/json", "{}");
    } else if (ask.path == "/summary") {
      JsonWriter json;
      json.begin_object().field("samples", answers_.samples()).field("good_hosts", good_);
      json.field("telemetry_bytes", answers_.telemetry_bytes());
      json.field("metrics_bytes", answers_.metrics_bytes());
      json.key("asked").raw(log_.summary()).end_object();
      control_answer_ = http_answer("200 OK", "application/json", json.str());
    } else {
      return {Reply::How::send, not_found_};
    }
    return {Reply::How::send, control_answer_};
  }

  std::size_t bad_, good_;
  HostAnswers answers_;
  AskLog log_;
  std::string huge_, control_answer_;
  std::string not_found_ = http_answer("404 Not Found", "text/plain", "not found\n");
};

/// host.csv for us, the scrape configuration for vmagent.
void write_lists(const Options& options, std::uint16_t port) {
  std::ofstream hosts{options.hosts_file};
  hosts << "name,ip,port\n";
  std::ofstream targets{options.targets_file};
  targets << fmt::format(
      "global:\n  scrape_interval: {}ms\n  scrape_timeout: {}ms\nscrape_configs:\n"
      "- job_name: hosts\n  static_configs:\n  - targets:\n",
      options.interval_ms, std::min<std::size_t>(options.interval_ms, 3000));
  for (std::size_t i = 0; i < options.hosts; ++i) {
    hosts << fmt::format("host-{:05},{},{}\n", i, address_of(i), port);
    targets << fmt::format("    - {}:{}\n", address_of(i), port);
  }
  if (!hosts.flush() || !targets.flush()) give_up("cannot write the lists of hosts");
}

int simulate(const Options& options) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::alarm(options.seconds_max);
  Fleet fleet{options};
  TinyServer server{fleet};
  const auto port = server.listen(TinyServer::On::all_of_loopback, 0);
  const auto control = server.listen(TinyServer::On::one_address, 0);
  write_lists(options, port);
  fmt::print("control {}\n", control);
  std::fflush(stdout);
  server.run();
}

int run(int argc, char** argv) {
  CLI::App app{"Answers on 127.1.x.y as thousands of agents would"};
  Options options;
  app.add_option("--hosts", options.hosts)->check(CLI::Range(std::size_t{1}, hosts_max));
  app.add_option("--containers", options.containers, "of each host");
  app.add_option("--interval-ms", options.interval_ms, "at which they expect to be asked");
  app.add_option("--bad-percent", options.bad_percent, "hang, drip, reset, or send 10 MB")
      ->check(CLI::Range(0, 99));
  app.add_option("--seconds-max", options.seconds_max, "ends by itself after these");
  app.add_option("--hosts-file", options.hosts_file, "host.csv to write")->required();
  app.add_option("--targets-file", options.targets_file, "vmagent's list to write")->required();
  CLI11_PARSE(app, argc, argv);
  return simulate(options);
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) { return plimsoll::bench::run(argc, argv); }
