#include "store/sqlite_store.h"

#include <mutex>
#include <optional>

#include "runtime/deadline.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_writer.h"

namespace plimsoll {
namespace {

constexpr std::size_t reader_threads = 2;

}  // namespace

// The work itself, on the threads of the two pools.
class SqliteStore::Impl {
 public:
  explicit Impl(std::filesystem::path file) : file_(std::move(file)) {}

  Result<void> open() {
    if (writer_) return {};
    auto db = SqliteDb::open(file_, SqliteDb::Mode::read_write);
    if (!db) return db.error();
    if (auto prepared = prepare_schema(*db); !prepared) return prepared;
    writer_.emplace(std::move(*db));
    return {};
  }

  Result<WriteReport> write(std::vector<Point> points) {
    if (!writer_) return not_open();
    return writer_->write(std::move(points));
  }

  Result<SqliteWriter::PurgeStep> purge_step(TimePoint before, std::int64_t from_series) {
    if (!writer_) return not_open();
    return writer_->purge_step(before, from_series);
  }

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
  std::optional<SqliteWriter> writer_;  // touched by the one thread of writing_ only
  std::mutex readers_mutex_;
  std::vector<SqliteDb> readers_;
  asio::thread_pool reading_{reader_threads};
  asio::thread_pool writing_{1};
};

SqliteStore::SqliteStore(std::filesystem::path file)
    : impl_(std::make_unique<Impl>(std::move(file))) {}
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

Task<Result<std::uint64_t>> SqliteStore::purge(TimePoint before) {
  std::uint64_t deleted = 0;
  std::int64_t series = 0;
  for (;;) {
    auto work = [impl = impl_.get(), before, series] { return impl->purge_step(before, series); };
    const auto step = co_await run_blocking(impl_->writing(), std::move(work));
    if (!step) co_return step.error();
    deleted += step->deleted;
    series = step->next_series;
    if (step->done) co_return deleted;
  }
}

std::string SqliteStore::describe() const { return "sqlite " + impl_->file().string(); }

}  // namespace plimsoll
