#include "store/sqlite_store.h"

#include <mutex>
#include <optional>

#include "runtime/deadline.h"
#include "store/sqlite_aggregate.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_writer.h"

namespace plimsoll {
namespace {

constexpr std::size_t reader_threads = 4;

// A flag that is up for a time.
class Raised {
 public:
  explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;
  ~Raised() { flag_ = false; }

 private:
  bool& flag_;
};

}  // namespace

// The work itself, on the threads of the two pools.
class SqliteStore::Impl {
 public:
  Impl(std::filesystem::path file, SqliteKeep keep) : file_(std::move(file)), keep_(keep) {}

  Result<void> open() {
    if (writer_) return {};
    auto db = SqliteDb::open(file_, SqliteDb::Mode::read_write);
    if (!db) return db.error();
    if (auto prepared = prepare_schema(*db); !prepared) return prepared;
    writer_.emplace(std::move(*db));
    keeper_.emplace(writer_->db(), keep_);
    return {};
  }

  Result<WriteReport> write(std::vector<Point> points) {
    if (!writer_) return not_open();
    return writer_->write(std::move(points));
  }

  Result<void> begin_upkeep(TimePoint now) {
    if (!keeper_) return not_open();
    return keeper_->begin(now);
  }

  Result<bool> upkeep_step() {
    if (!keeper_ || !writer_) return not_open();
    const auto step = keeper_->step();
    writer_->forget_marks();
    if (!step || step->series_dropped) writer_->forget();
    if (!step) return step.error();
    return step->done;
  }

  StoreUpkeep take_report() { return keeper_ ? keeper_->take_report() : StoreUpkeep{}; }

  template <class Query, class Read>
  auto read(const Query& query, Read reader)
      -> std::invoke_result_t<Read, SqliteDb&, const Query&> {
    auto db = take_reader();
    if (!db) return db.error();
    auto answer = reader(*db, query);
    if (answer) give_back(std::move(*db));  // after a failure a new connection is made
    return answer;
  }

  asio::thread_pool& writing() { return writing_; }
  asio::thread_pool& reading() { return reading_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  [[nodiscard]] Error not_open() const {
    return {Errc::unreachable, file_.string() + ": is not open"};
  }

  Result<SqliteDb> take_reader() {
    {
      const std::lock_guard lock{readers_mutex_};
      if (!readers_.empty()) {
        auto db = std::move(readers_.back());
        readers_.pop_back();
        return db;
      }
    }
    return SqliteDb::open(file_, SqliteDb::Mode::read_only);
  }

  void give_back(SqliteDb db) {
    const std::lock_guard lock{readers_mutex_};
    readers_.push_back(std::move(db));
  }

  std::filesystem::path file_;
  SqliteKeep keep_;
  std::optional<SqliteWriter> writer_;  // touched by the one thread of writing_ only
  std::optional<SqliteKeeper> keeper_;  // likewise
  std::mutex readers_mutex_;
  std::vector<SqliteDb> readers_;
  asio::thread_pool reading_{reader_threads};
  asio::thread_pool writing_{1};
};

SqliteStore::SqliteStore(std::filesystem::path file, SqliteKeep keep)
    : impl_(std::make_unique<Impl>(std::move(file), keep)) {}
SqliteStore::~SqliteStore() = default;

Task<Result<void>> SqliteStore::open() {
  auto work = [impl = impl_.get()] { return impl->open(); };
  co_return co_await run_blocking(impl_->writing(), std::move(work));
}

Task<Result<WriteReport>> SqliteStore::write(std::vector<Point> points) {
  auto work = [impl = impl_.get(), moved = std::move(points)]() mutable {
    return impl->write(std::move(moved));
  };
  co_return co_await run_blocking(impl_->writing(), std::move(work));
}

Task<Result<std::vector<Series>>> SqliteStore::range(RangeQuery query) {
  auto work = [impl = impl_.get(), moved = std::move(query)] {
    return impl->read(moved, read_range);
  };
  co_return co_await run_blocking(impl_->reading(), std::move(work));
}

Task<Result<std::vector<Point>>> SqliteStore::latest(LatestQuery query) {
  auto work = [impl = impl_.get(), moved = std::move(query)] {
    return impl->read(moved, read_latest);
  };
  co_return co_await run_blocking(impl_->reading(), std::move(work));
}

Task<Result<std::vector<SummarySeries>>> SqliteStore::aggregate(AggregateQuery query) {
  auto checked = check(std::move(query));
  if (!checked) co_return checked.error();
  auto work = [impl = impl_.get(), moved = std::move(*checked)] {
    return impl->read(moved, read_aggregate);
  };
  co_return co_await run_blocking(impl_->reading(), std::move(work));
}

Task<Result<std::vector<Point>>> SqliteStore::points(PointsQuery query) {
  auto work = [impl = impl_.get(), moved = std::move(query)] {
    return impl->read(moved, read_points);
  };
  co_return co_await run_blocking(impl_->reading(), std::move(work));
}

Task<Result<std::vector<std::string>>> SqliteStore::measurements() {
  auto work = [impl = impl_.get()] {
    return impl->read(0, [](SqliteDb& db, int /*nothing asked*/) { return read_measurements(db); });
  };
  co_return co_await run_blocking(impl_->reading(), std::move(work));
}

Task<Result<StoreUpkeep>> SqliteStore::upkeep(TimePoint now) {
  if (in_upkeep_) co_return StoreUpkeep{};
  const Raised raised{in_upkeep_};
  auto report = co_await run_upkeep(now);
  co_return report;
}

Task<Result<StoreUpkeep>> SqliteStore::run_upkeep(TimePoint now) {
  auto begin = [impl = impl_.get(), now] { return impl->begin_upkeep(now); };
  const auto begun = co_await run_blocking(impl_->writing(), std::move(begin));
  if (!begun) co_return begun.error();
  for (;;) {
    auto work = [impl = impl_.get()] { return impl->upkeep_step(); };
    const auto done = co_await run_blocking(impl_->writing(), std::move(work));
    if (!done) co_return done.error();
    if (*done) break;
  }
  auto take = [impl = impl_.get()] { return impl->take_report(); };
  co_return co_await run_blocking(impl_->writing(), std::move(take));
}

std::string SqliteStore::describe() const { return "sqlite " + impl_->file().string(); }

}  // namespace plimsoll
