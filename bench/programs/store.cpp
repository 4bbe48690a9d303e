// One back end of the store: how fast it takes points, and how fast it gives moving averages while
// a fleet writes.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "core/json_writer.h"
#include "made_up.h"
#include "runtime/deadline.h"
#include "store/make_store.h"
#include "telemetry/points.h"
#include "tiny_server.h"

namespace plimsoll::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t batch_points = 5'000;
constexpr Duration second{1'000};
constexpr std::size_t history_seconds = 60;

struct Options {
  StoreConfig store;
  std::size_t hosts = 500, containers = 10;
  std::size_t seconds = 20;
  std::size_t query_seconds = 4;
};

/// What is asked back to back, and how often it was answered.
struct QueryRate {
  const char* name;
  Task<std::size_t> (*ask)(Store* store, std::size_t host);
  std::size_t answers;  ///< Series or points in each.
  double per_s = 0;
};

double since_s(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto whole = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
  const auto parts = used.ru_utime.tv_usec + used.ru_stime.tv_usec;
  return static_cast<double>(whole) + static_cast<double>(parts) / 1e6;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(
      std::lround(share * static_cast<double>(values.size() - 1)))];
}

/// A host's chart: its three percentages in the last minute, row by row.
Task<std::size_t> ask_range(Store* store, std::size_t host) {
  RangeQuery query;
  query.measurement = "Device";
  query.fields = {"cpu_percent", "vm_percent", "storage_percent"};
  query.tags = {{"host", fmt::format("host-{:05}", host)}};
  query.to = wall_clock_now();
  query.from = query.to - history_seconds * second;
  const auto answer = co_await store->range(std::move(query));
  if (!answer) give_up(answer.error().message);
  co_return answer->size();
}

/// The newest figures of all hosts.
Task<std::size_t> ask_latest(Store* store, std::size_t /*host*/) {
  LatestQuery query;
  query.measurement = "Device";
  query.fields = {"cpu_percent", "vm_percent", "storage_percent"};
  query.since = wall_clock_now() - 15 * second;
  const auto answer = co_await store->latest(std::move(query));
  if (!answer) give_up(answer.error().message);
  co_return answer->size();
}

/// The mean of each host's three percentages over the last minute.
Task<std::size_t> ask_averages(Store* store, std::size_t /*host*/) {
  AggregateQuery query;
  query.measurement = "Device";
  query.fields = {"cpu_percent", "vm_percent", "storage_percent"};
  query.to = wall_clock_now();
  query.from = query.to - history_seconds * second;
  const auto answer = co_await store->aggregate(std::move(query));
  if (!answer) give_up(answer.error().message);
  co_return answer->size();
}

class StoreBench {
 public:
  StoreBench(asio::io_context& context, Options options)
      : context_(context), options_(std::move(options)) {
    for (std::size_t i = 0; i < 16; ++i) readings_.push_back(made_up_.host(options_.containers));
  }

  Task<> run() {
    open_store();
    co_await opened();
    co_await fill();
    asio::co_spawn(context_, write_live(), asio::detached);
    co_await ask_live();
    co_await ask_back_to_back();
    live_ = false;
    tell();
    context_.stop();
  }

 private:
  void open_store() {
    auto made = make_store(context_.get_executor(), options_.store);
    if (!made) give_up(made.error().message);
    store_ = std::move(*made);
  }
  Task<> opened() {
    const auto done = co_await store_->open();
    if (!done) give_up(done.error().message);
  }

  /// What all hosts say at one time.
  std::vector<Point> points_at(TimePoint at) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < options_.hosts; ++i) {
      const auto& reading = readings_[next_++ % readings_.size()];
      auto some = points_of(HostId{fmt::format("host-{:05}", i)}, reading, at, true);
      std::move(some.begin(), some.end(), std::back_inserter(points));
    }
    return points;
  }

  Task<> write(std::vector<Point> points) {
    for (std::size_t start = 0; start < points.size(); start += batch_points) {
      const auto end = std::min(points.size(), start + batch_points);
      std::vector<Point> batch{points.begin() + static_cast<std::ptrdiff_t>(start),
                               points.begin() + static_cast<std::ptrdiff_t>(end)};
      const auto count = batch.size();
      std::size_t values = 0;
      for (const auto& point : batch) values += point.fields.size();
      const auto begun = Clock::now();
      const auto report = co_await store_->write(std::move(batch));
      if (!report) give_up(report.error().message);
      if (report->written != count) give_up("points were refused");
      batch_ms_.push_back(since_s(begun) * 1000);
      all_values_ += values;
    }
  }

  /// The last minute, as fast as the store takes it.
  Task<> fill() {
    const auto now = std::chrono::floor<std::chrono::seconds>(wall_clock_now());
    for (std::size_t i = 0; i < history_seconds; ++i) {
      auto points = points_at(now - (history_seconds - i) * std::chrono::seconds{1});
      for (const auto& point : points) values_ += point.fields.size();
      points_ += points.size();
      const double cpu = cpu_s();
      const auto start = Clock::now();
      co_await write(std::move(points));
      fill_s_ += since_s(start);
      fill_cpu_s_ += cpu_s() - cpu;
    }
    fill_batch_p99_ms_ = quantile(batch_ms_, 0.99);
    batch_ms_.clear();
  }

  /// Every host once a second.
  Task<> write_live() {
    auto due = Clock::now();
    while (live_) {
      auto points = points_at(wall_clock_now());
      const auto start = Clock::now();
      co_await write(std::move(points));
      live_ms_.push_back(since_s(start) * 1000);
      due += second;
      const auto left = std::chrono::ceil<Duration>(due - Clock::now());
      co_await sleep_for(std::max(Duration{0}, left));
    }
  }

  Task<> ask_live() {
    co_await sleep_for(2 * second);
    const auto cpu = cpu_s();
    const auto begun = Clock::now();
    for (std::size_t i = 0; i < options_.seconds * 2; ++i) {
      const auto start = Clock::now();
      const auto series = co_await ask_averages(store_.get(), i);
      ask_ms_.push_back(since_s(start) * 1000);
      if (series != options_.hosts) give_up(fmt::format("{} hosts were told of", series));
      co_await sleep_for(second / 2);
    }
    live_cpu_share_ = (cpu_s() - cpu) / since_s(begun);
  }

  /// Each kind of query alone, one after the other, while the fleet goes on writing.
  Task<> ask_back_to_back() {
    for (auto& rate : rates_) {
      std::size_t asked = 0;
      const auto start = Clock::now();
      while (since_s(start) < static_cast<double>(options_.query_seconds)) {
        const auto got = co_await rate.ask(store_.get(), asked++ % options_.hosts);
        if (got != rate.answers) give_up(fmt::format("{}: {} answers", rate.name, got));
      }
      rate.per_s = static_cast<double>(asked) / since_s(start);
    }
  }

  void tell() const {
    JsonWriter json;
    json.begin_object().field("points", points_).field("values", values_);
    json.field("all_values", all_values_);
    json.field("fill_s", fill_s_).field("fill_cpu_s", fill_cpu_s_);
    json.field("fill_batch_p99_ms", fill_batch_p99_ms_);
    json.field("live_second_p50_ms", quantile(live_ms_, 0.5));
    json.field("live_second_max_ms", quantile(live_ms_, 1));
    json.field("ask_p50_ms", quantile(ask_ms_, 0.5)).field("ask_p99_ms", quantile(ask_ms_, 0.99));
    json.field("ask_max_ms", quantile(ask_ms_, 1)).field("live_cpu_share", live_cpu_share_);
    for (const auto& rate : rates_) json.field(fmt::format("{}_per_s", rate.name), rate.per_s);
    json.end_object();
    fmt::print("{}\n", json.str());
  }

  asio::io_context& context_;
  Options options_;
  MadeUp made_up_;
  std::vector<HostReading> readings_;
  std::unique_ptr<Store> store_;
  std::size_t next_ = 0, points_ = 0, values_ = 0, all_values_ = 0;
  double fill_s_ = 0, fill_cpu_s_ = 0, fill_batch_p99_ms_ = 0, live_cpu_share_ = 0;
  std::vector<double> batch_ms_, live_ms_, ask_ms_;
  std::array<QueryRate, 3> rates_{QueryRate{"range", ask_range, 1},
                                  QueryRate{"latest", ask_latest, options_.hosts},
                                  QueryRate{"averages", ask_averages, options_.hosts}};
  bool live_ = true;
};

int run(int argc, char** argv) {
  CLI::App app{"One back end of the store under load"};
  Options options;
  app.add_option("--kind", options.store.kind, "sqlite, influxdb, victoriametrics")->required();
  app.add_option("--url", options.store.url, "of a server");
  app.add_option("--file", options.store.sqlite_file, "of SQLite");
  app.add_option("--hosts", options.hosts);
  app.add_option("--containers", options.containers, "of each host");
  app.add_option("--seconds", options.seconds, "of writing and asking");
  app.add_option("--query-seconds", options.query_seconds, "of asking back to back, for each kind");
  CLI11_PARSE(app, argc, argv);
  asio::io_context context{1};
  StoreBench bench{context, options};
  asio::co_spawn(context, bench.run(), [](const std::exception_ptr& failure) {
    if (failure) give_up("the benchmark broke off");
  });
  context.run();
  std::fflush(stdout);
  return 0;
}

}  // namespace
}  // namespace plimsoll::bench

int main(int argc, char** argv) { return plimsoll::bench::run(argc, argv); }
