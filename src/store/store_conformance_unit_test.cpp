#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store_conformance.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

class TestedSqlite : public TestedStore {
 public:
  std::unique_ptr<Store> connect(asio::any_io_executor /*executor*/) override {
    return std::make_unique<SqliteStore>(folder_.path() / "made" / "telemetry.db");
  }

 private:
  TempDir folder_;
};

// Each connection sees what the others wrote, as with the real ones.
class SharedMemoryStore : public Store {
 public:
  explicit SharedMemoryStore(std::shared_ptr<MemoryStore> shared) : shared_(std::move(shared)) {}
  Task<Result<void>> open() override { return shared_->open(); }
  Task<Result<WriteReport>> write(std::vector<Point> points) override {
    return shared_->write(std::move(points));
  }
  Task<Result<std::vector<Series>>> range(RangeQuery query) override {
    return shared_->range(std::move(query));
  }
  Task<Result<std::vector<Point>>> latest(LatestQuery query) override {
    return shared_->latest(std::move(query));
  }
  Task<Result<std::vector<Point>>> points(PointsQuery query) override {
    return shared_->points(std::move(query));
  }
  Task<Result<std::vector<std::string>>> measurements() override { return shared_->measurements(); }
  [[nodiscard]] std::string describe() const override { return shared_->describe(); }

 private:
  std::shared_ptr<MemoryStore> shared_;
};

class TestedMemory : public TestedStore {
 public:
  std::unique_ptr<Store> connect(asio::any_io_executor /*executor*/) override {
    return std::make_unique<SharedMemoryStore>(memory_);
  }

 private:
  std::shared_ptr<MemoryStore> memory_ = std::make_shared<MemoryStore>();
};

template <class Tested>
Result<std::unique_ptr<TestedStore>> make() {
  return std::unique_ptr<TestedStore>{std::make_unique<Tested>()};
}

INSTANTIATE_TEST_SUITE_P(Unit, StoreConformance,
                         testing::Values(BackEnd{"memory", make<TestedMemory>},
                                         BackEnd{"sqlite", make<TestedSqlite>}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace plimsoll
