#include <fmt/format.h>

#include <fstream>
#include <map>
#include <set>

#include "commands.h"
#include "open_store.h"
#include "replay_lines.h"
#include "run.h"
#include "runtime/deadline.h"
#include "runtime/files.h"
#include "telemetry/points.h"
#include "telemetry/recorded.h"

namespace plimsoll {
namespace {

struct Options {
  std::string file;
  bool now = false;
  double speed = 0;
};

constexpr std::size_t batch_points = 5'000;

/// A recorded host is known by its address; host.csv may have a name for it.
std::map<std::string, HostId> names_by_address(const Config& config) {
  std::map<std::string, HostId> names;
  const auto text = read_file(config.hosts);
  if (!text) return names;
  const auto hosts = parse_host_list(*text, config.hosts.string());
  if (!hosts) return names;
  for (const auto& host : *hosts) names[host.address] = host.name;
  return names;
}

std::optional<TimePoint> last_time_of_lines(const std::string& file) {
  LineFile lines{file};
  std::optional<TimePoint> last;
  for (;;) {
    const auto points = lines.next();
    if (!points || points->empty()) return last;
    for (const auto& point : *points) {
      last = std::max(last.value_or(TimePoint::min()), point.time);
    }
  }
}

/// The time of the file's last record, as far as it can be read.
std::optional<TimePoint> last_time(const std::string& file) {
  if (holds_line_protocol(file)) return last_time_of_lines(file);
  std::ifstream in{file, std::ios::binary};
  RecordedReader reader{in, file};
  std::optional<TimePoint> last;
  for (;;) {
    const auto sample = reader.next();
    if (!sample) return last;
    const auto& record = *sample;
    if (!record) return last;
    if (record->time) last = std::max(last.value_or(TimePoint::min()), *record->time);
  }
}

class Replay {
 public:
  Replay(Config config, Options options)
      : config_(std::move(config)),
        options_(std::move(options)),
        names_(names_by_address(config_)) {}

  Task<int> run();

 private:
  Task<Result<void>> feed();
  Task<Result<void>> feed_samples();
  Task<Result<void>> feed_lines();
  Task<Result<void>> feed_points(std::vector<Point> points);
  Task<Result<void>> flush_when_full();
  Task<Result<void>> keep_pace(TimePoint recorded);
  Task<Result<void>> flush();
  void take(const RecordedSample& sample, TimePoint at);
  void summarise() const;

  Config config_;
  Options options_;
  std::map<std::string, HostId> names_;
  OpenedStore store_;
  Duration shift_{0};
  std::optional<TimePoint> previous_;
  std::vector<Point> batch_;
  std::set<std::string> hosts_;
  std::size_t records_ = 0;
  std::size_t points_ = 0;
  std::size_t rejected_ = 0;
};

void Replay::take(const RecordedSample& sample, TimePoint at) {
  const auto named = names_.find(sample.host);
  const HostId host = named == names_.end() ? HostId{sample.host} : named->second;
  auto points = points_of(host, sample.reading, at, config_.store.container_id_tag);
  points.push_back(monitor_point(host, at, true, Duration{0}, 0, ""));
  std::move(points.begin(), points.end(), std::back_inserter(batch_));
  hosts_.insert(host.str());
  ++records_;
}

Task<Result<void>> Replay::flush() {
  if (batch_.empty()) co_return Result<void>{};
  const std::size_t count = batch_.size();
  const auto report = co_await store_.store->write(std::move(batch_));
  batch_.clear();
  if (!report) co_return report.error();
  points_ += count - report->rejected;
  rejected_ += report->rejected;
  co_return Result<void>{};
}

/// Waits as long as it took then, by the speed wanted; what waits is written first.
Task<Result<void>> Replay::keep_pace(TimePoint recorded) {
  const TimePoint before = previous_.value_or(recorded);
  previous_ = recorded;
  if (options_.speed <= 0 || recorded <= before) co_return Result<void>{};
  const auto flushed = co_await flush();
  if (!flushed) co_return flushed.error();
  const double pause_ms = seconds(recorded - before) * 1000 / options_.speed;
  const Duration pause{static_cast<Duration::rep>(pause_ms)};
  co_await sleep_for(pause);
  co_return Result<void>{};
}

Task<Result<void>> Replay::feed() {
  const std::ifstream in{options_.file, std::ios::binary};
  if (!in) co_return Error{Errc::not_found, options_.file + ": cannot be read"};
  auto task = holds_line_protocol(options_.file) ? feed_lines() : feed_samples();
  co_return co_await std::move(task);
}

Task<Result<void>> Replay::feed_samples() {
  std::ifstream in{options_.file, std::ios::binary};
  RecordedReader reader{in, options_.file};
  for (;;) {
    const auto sample = reader.next();
    if (!sample) co_return sample.error();
    const auto& found = *sample;
    if (!found) co_return Result<void>{};
    const auto& record = *found;
    if (record.host.empty()) co_return Error{Errc::malformed, options_.file + ": no host's name"};
    if (record.time) {
      const auto paced = co_await keep_pace(*record.time);
      if (!paced) co_return paced.error();
    }
    const bool live = options_.speed > 0 || !record.time;
    take(record, live ? wall_clock_now() : *record.time + shift_);
    const auto flushed = co_await flush_when_full();
    if (!flushed) co_return flushed.error();
  }
}

Task<Result<void>> Replay::flush_when_full() {
  if (batch_.size() < batch_points) co_return Result<void>{};
  auto task = flush();
  co_return co_await std::move(task);
}

/// Exported points are written as they are.
Task<Result<void>> Replay::feed_lines() {
  LineFile lines{options_.file};
  for (;;) {
    auto points = lines.next();
    if (!points) co_return points.error();
    if (points->empty()) co_return Result<void>{};
    const auto fed = co_await feed_points(std::move(*points));
    if (!fed) co_return fed.error();
  }
}

Task<Result<void>> Replay::feed_points(std::vector<Point> points) {
  for (auto& point : points) {
    const auto paced = co_await keep_pace(point.time);
    if (!paced) co_return paced.error();
    for (const auto& [name, value] : point.tags) {
      if (name == "host") hosts_.insert(value);
    }
    point.time = options_.speed > 0 ? wall_clock_now() : point.time + shift_;
    batch_.push_back(std::move(point));
    ++records_;
    const auto flushed = co_await flush_when_full();
    if (!flushed) co_return flushed.error();
  }
  co_return Result<void>{};
}

void Replay::summarise() const {
  fmt::print("replayed {} records of {} hosts: {} points into {}\n", records_, hosts_.size(),
             points_, store_.store->describe());
  if (rejected_ > 0) fmt::print(stderr, "plimsoll: the store refused {} points\n", rejected_);
}

Task<int> Replay::run() {
  auto store = co_await open_store(config_, Absence::fails);
  if (!store) co_return fail(store.error());
  store_ = std::move(*store);
  if (options_.now) {
    const auto last = last_time(options_.file);
    if (last) shift_ = wall_clock_now() - *last;
  }
  const auto fed = co_await feed();
  const auto flushed = co_await flush();
  summarise();
  if (!fed) co_return std::max(fail(fed.error()), exit_failed);
  if (!flushed) co_return fail(flushed.error());
  co_return rejected_ > 0 ? exit_failed : exit_ok;
}

int run(const Options& options, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  CommandIo io;
  Replay replay{std::move(*config), options};
  return run_to_end(io, replay.run());
}

}  // namespace

void add_replay(const CommandLine& app, CommandContext& context) {
  const auto command = add_command<Options>(
      app, context,
      {"replay", "Feed recorded telemetry through the path of live data",
       "  plimsoll replay test_data.json                 # with its own times\n"
       "  plimsoll replay --now test_data.json           # the last record is now\n"
       "  plimsoll replay --speed 10 test_data.json      # as if it happened now, ten times as "
       "fast\n"
       "  plimsoll replay all.lp                         # what `plimsoll export` wrote\n"},
      run);
  auto& options = *command.options;
  command.line
      .add_option("FILE", options.file,
                  "Recorded samples: JSON arrays, or an object a line; or line protocol")
      .required();
  command.line.add_flag("--now", options.now, "Shift the times so that the last record is now");
  command.line
      .add_option("--speed", options.speed,
                  "Wait between records as they were recorded, so many times as fast")
      .positive();
}

}  // namespace plimsoll
