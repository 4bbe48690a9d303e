#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "commands.h"
#include "core/suggest.h"
#include "core/text.h"
#include "open_store.h"
#include "run.h"
#include "store/point_export.h"
#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

struct Options {
  std::string from = "-1h";
  std::string to = "now";
  std::vector<std::string> measurements;
  std::string host;
  std::string format = "csv";
  std::string file;
};

/// Where the text goes: standard output, or a file that appears when it is whole.
class Output {
 public:
  explicit Output(std::string file) : file_(std::move(file)) {}
  ~Output() {
    if (!to_file()) return;
    std::error_code ignored;
    std::filesystem::remove(part(), ignored);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Result<void> open() {
    if (!to_file()) return {};
    out_.open(part(), std::ios::binary | std::ios::trunc);
    if (out_) return {};
    return Error{Errc::io, part() + ": cannot be written"};
  }
  Result<void> write(std::string_view text) {
    auto& out = to_file() ? static_cast<std::ostream&>(out_) : std::cout;
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    return check(out);
  }
  Result<void> close() {
    if (!to_file()) return check(std::cout.flush());
    out_.close();
    if (auto fine = check(out_); !fine) return fine;
    std::error_code error;
    std::filesystem::rename(part(), file_, error);
    if (error) return Error{Errc::io, file_ + ": " + error.message()};
    return {};
  }

 private:
  [[nodiscard]] bool to_file() const { return !file_.empty() && file_ != "-"; }
  [[nodiscard]] std::string part() const { return file_ + ".part"; }
  [[nodiscard]] Result<void> check(const std::ostream& out) const {
    if (out) return {};
    return Error{Errc::io, to_file() ? part() + ": cannot be written; is the disk full?"
                                     : std::string{"standard output: cannot be written"}};
  }

  std::string file_;
  std::ofstream out_;
};

class LineSink : public PointSink {
 public:
  explicit LineSink(Output& output) : output_(output) {}
  Result<void> take(const std::vector<Point>& points) override {
    std::string text;
    for (const auto& point : points) append_line(text, point);
    return output_.write(text);
  }

 private:
  Output& output_;
};

class CsvSink : public PointSink {
 public:
  CsvSink(Output& output, const CsvColumns& columns) : output_(output), columns_(columns) {}
  Result<void> take(const std::vector<Point>& points) override {
    std::string text;
    for (const auto& point : points) text += csv_line(columns_, point, left_out_);
    return output_.write(text);
  }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  Output& output_;
  const CsvColumns& columns_;
  std::uint64_t left_out_ = 0;
};

class Export {
 public:
  Export(Config config, Options options, TimePoint from, TimePoint to)
      : config_(std::move(config)),
        options_(std::move(options)),
        from_(from),
        to_(to),
        output_(options_.file) {}

  Task<int> run();

 private:
  Task<Result<void>> choose_measurements();
  Task<Result<std::uint64_t>> read_all(PointSink* sink);
  Task<Result<std::uint64_t>> write_lines();
  Task<Result<std::uint64_t>> write_csv();
  void tell_of_rollups() const;

  Config config_;
  Options options_;
  TimePoint from_;
  TimePoint to_;
  Output output_;
  OpenedStore store_;
};

/// All of them, unless the user names some.
Task<Result<void>> Export::choose_measurements() {
  auto there = co_await store_.store->measurements();
  if (!there) co_return there.error();
  for (const auto& name : options_.measurements) {
    if (std::find(there->begin(), there->end(), name) != there->end()) continue;
    std::string known;
    for (const auto& one : *there) known += (known.empty() ? "" : ", ") + one;
    co_return Error{Errc::not_found,
                    fmt::format("{}: no measurement '{}'{}; there is {}", store_.store->describe(),
                                printable(name, 40), did_you_mean(name, *there),
                                known.empty() ? "none" : printable(known, 300))};
  }
  if (options_.measurements.empty()) options_.measurements = std::move(*there);
  co_return Result<void>{};
}

Task<Result<std::uint64_t>> Export::read_all(PointSink* sink) {
  std::uint64_t count = 0;
  for (const auto& measurement : options_.measurements) {
    PointsQuery query{measurement, {}, from_, to_};
    if (!options_.host.empty()) query.tags.emplace("host", options_.host);
    const auto read = co_await read_in_pieces(store_.store.get(), std::move(query), sink);
    if (!read) co_return read.error();
    count += *read;
  }
  co_return count;
}

Task<Result<std::uint64_t>> Export::write_lines() {
  // For `influx -import`; whoever else reads line protocol passes over comments.
  const auto head =
      output_.write(fmt::format("# DML\n# CONTEXT-DATABASE: {}\n", config_.store.database));
  if (!head) co_return head.error();
  LineSink sink{output_};
  co_return co_await read_all(&sink);
}

/// Twice through the range: the columns have to be known before the first row.
Task<Result<std::uint64_t>> Export::write_csv() {
  CsvColumns columns;
  const auto looked = co_await read_all(&columns);
  if (!looked) co_return looked.error();
  const auto head = output_.write(csv_header(columns));
  if (!head) co_return head.error();
  CsvSink sink{output_, columns};
  const auto count = co_await read_all(&sink);
  if (sink.left_out() > 0) {
    fmt::print(stderr, "plimsoll: {} values of fields that came up meanwhile are left out\n",
               sink.left_out());
  }
  co_return count;
}

void Export::tell_of_rollups() const {
  const auto& keep = config_.store.keep;
  const TimePoint kept_since = wall_clock_now() - keep.raw;
  if (config_.store.kind != "sqlite" || from_ >= kept_since) return;
  fmt::print(stderr,
             "plimsoll: points are kept for {} (store.keep_raw); of what is older than {} there "
             "may be one-minute figures only, in tables such as \"Device@1m\" of {}, which are "
             "not exported\n",
             format_duration(keep.raw), format_rfc3339(kept_since),
             config_.store.sqlite_file.string());
}

Task<int> Export::run() {
  auto store = co_await open_store(config_, Absence::fails);
  if (!store) co_return fail(store.error());
  store_ = std::move(*store);
  const auto chosen = co_await choose_measurements();
  if (!chosen) co_return fail(chosen.error());
  const auto opened = output_.open();
  if (!opened) co_return fail(opened.error());
  auto task = options_.format == "lp" ? write_lines() : write_csv();
  const auto count = co_await std::move(task);
  if (!count) co_return fail(count.error());
  const auto closed = output_.close();
  if (!closed) co_return fail(closed.error());
  fmt::print(stderr, "exported {} points from {} to {} of {}\n", *count, format_rfc3339(from_),
             format_rfc3339(to_), store_.store->describe());
  tell_of_rollups();
  co_return exit_ok;
}

int run(const Options& options, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  const TimePoint now = wall_clock_now();
  const auto from = parse_moment(options.from, now);
  const auto to = parse_moment(options.to, now);
  if (!from) return fail_usage("--from: " + from.error().message);
  if (!to) return fail_usage("--to: " + to.error().message);
  if (*from >= *to) return fail_usage("--from must be before --to");
  CommandIo io;
  Export exported{std::move(*config), options, *from, *to};
  return run_to_end(io, exported.run());
}

}  // namespace

void add_export(const CommandLine& app, CommandContext& context) {
  const auto command = add_command<Options>(
      app, context,
      {"export", "Write the stored points of a range as CSV or line protocol",
       "  plimsoll export --measurement Device -o hosts.csv        # the last hour\n"
       "  plimsoll export --from -24h --to -1h --host web1         # all of one host, as CSV\n"
       "  plimsoll export --from 2026-11-01 --format lp -o all.lp  # everything since then\n"
       "  influx -import -path all.lp -precision ms                # ... into an InfluxDB 1.x\n"
       "  plimsoll --config other.toml replay all.lp               # ... or another store\n"},
      run);
  auto& options = *command.options;
  const auto& sub = command.line;
  sub.add_option("--from", options.from,
                 "Since when: -90m, 2026-11-22, 2026-11-22T08:00:00Z (default: -1h)");
  sub.add_option("--to", options.to, "Until when, not among it; the same forms (default: now)");
  sub.add_option("--measurement", options.measurements,
                 "Device, Container or Monitor; repeatable (default: all)")
      .repeatable();
  sub.add_option("--host", options.host, "Only of this host");
  sub.add_option("--format", options.format, "csv or lp (default: csv)").one_of({"csv", "lp"});
  sub.add_option("-o,--output", options.file, "File to write (default: standard output)");
}

}  // namespace plimsoll
