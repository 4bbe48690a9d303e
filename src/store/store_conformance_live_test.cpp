#include <gmock/gmock.h>

#include <atomic>

#include "store/influx_contract.h"
#include "store/influx_store.h"
#include "store/store_conformance.h"
#include "store/victoria_store.h"
#include "support/influxd.h"
#include "support/victoria_metrics.h"

namespace plimsoll {
namespace {

// One server for all tests of a back end; each test has a database of its own.
template <class Server, typename Server::Auth auth>
Result<std::unique_ptr<Server>>& server() {
  static auto started = Server::start(auth);
  return started;
}

std::string new_number() {
  static std::atomic<int> count = 0;
  return std::to_string(++count);
}

// A name that has to be escaped wherever it is used.
std::string new_database() { return "test \"" + new_number() + "\" & co"; }

template <class Made>
std::unique_ptr<Store> unwrap(Made made) {
  EXPECT_TRUE(made) << made.error().message;
  if (!made) return nullptr;
  return std::move(*made);
}

class TestedInflux : public TestedStore {
 public:
  explicit TestedInflux(Influxd& server) : server_(server) {}
  std::unique_ptr<Store> connect(asio::any_io_executor executor) override {
    InfluxConfig config;
    config.url = server_.url();
    config.database = database_;
    config.login = {server_.user(), server_.password(), ""};
    return unwrap(InfluxStore::make(executor, std::move(config)));
  }

 private:
  Influxd& server_;
  std::string database_ = new_database();
};

template <Influxd::Auth auth>
Result<std::unique_ptr<TestedStore>> influxdb() {
  auto& started = server<Influxd, auth>();
  if (!started) return started.error();
  return std::unique_ptr<TestedStore>{std::make_unique<TestedInflux>(**started)};
}

// By the published contract, in front of a real 1.x.
class TestedContract : public TestedStore {
 public:
  explicit TestedContract(InfluxContract::Rules rules)
      : rules_(rules), contract_(std::make_shared<InfluxContract>(std::move(rules))) {}
  ~TestedContract() override { EXPECT_THAT(contract_->violations(), testing::IsEmpty()); }
  TestedContract(const TestedContract&) = delete;
  TestedContract& operator=(const TestedContract&) = delete;

  std::unique_ptr<Store> connect(asio::any_io_executor executor) override {
    HttpServerConfig listen;
    listen.body_bytes_max = 64U << 20;
    auto started = HttpServer::start(executor, listen, contract_);
    EXPECT_TRUE(started) << started.error().message;
    InfluxConfig config;
    config.url = "http://" + (*started)->address();
    config.database = rules_.bucket;
    config.login.token = rules_.token;
    if (rules_.version == InfluxContract::Version::two) config.org = rules_.org;
    servers_.push_back(std::move(*started));
    return unwrap(InfluxStore::make(executor, std::move(config)));
  }

 private:
  InfluxContract::Rules rules_;
  std::shared_ptr<InfluxContract> contract_;
  std::vector<std::unique_ptr<HttpServer>> servers_;
};

template <InfluxContract::Version version>
Result<std::unique_ptr<TestedStore>> contract() {
  auto& started = server<Influxd, Influxd::Auth::none>();
  if (!started) return started.error();
  InfluxContract::Rules rules;
  rules.version = version;
  rules.behind = (*started)->port();
  rules.bucket = "bucket no. " + new_number();
  const auto made = (*started)->query("CREATE DATABASE \"" + rules.bucket + "\"");
  if (!made) return made.error();
  return std::unique_ptr<TestedStore>{std::make_unique<TestedContract>(std::move(rules))};
}

// What is written is readable at once, not after the server's second or two.
class FlushingStore : public Store {
 public:
  FlushingStore(VictoriaMetrics& server, std::unique_ptr<Store> store)
      : server_(server), store_(std::move(store)) {}
  Task<Result<void>> open() override { return store_->open(); }
  Task<Result<WriteReport>> write(std::vector<Point> points) override {
    auto report = co_await store_->write(std::move(points));
    const auto flushed = server_.flush();
    if (!flushed) co_return flushed.error();
    co_return report;
  }
  Task<Result<std::vector<Series>>> range(RangeQuery query) override {
    return store_->range(std::move(query));
  }
  Task<Result<std::vector<Point>>> latest(LatestQuery query) override {
    return store_->latest(std::move(query));
  }
  Task<Result<std::vector<SummarySeries>>> aggregate(AggregateQuery query) override {
    return store_->aggregate(std::move(query));
  }
  Task<Result<std::vector<Point>>> points(PointsQuery query) override {
    return store_->points(std::move(query));
  }
  Task<Result<std::vector<std::string>>> measurements() override { return store_->measurements(); }
  [[nodiscard]] StoreTraits traits() const override { return store_->traits(); }
  [[nodiscard]] std::string describe() const override { return store_->describe(); }

 private:
  VictoriaMetrics& server_;
  std::unique_ptr<Store> store_;
};

class TestedVictoria : public TestedStore {
 public:
  explicit TestedVictoria(VictoriaMetrics& server) : server_(server) {}
  std::unique_ptr<Store> connect(asio::any_io_executor executor) override {
    VictoriaConfig config;
    config.url = server_.url();
    config.database = database_;
    config.login = {server_.user(), server_.password(), ""};
    auto store = unwrap(VictoriaStore::make(executor, std::move(config)));
    return std::make_unique<FlushingStore>(server_, std::move(store));
  }

 private:
  VictoriaMetrics& server_;
  std::string database_ = new_database();
};

template <VictoriaMetrics::Auth auth>
Result<std::unique_ptr<TestedStore>> victoria() {
  auto& started = server<VictoriaMetrics, auth>();
  if (!started) return started.error();
  return std::unique_ptr<TestedStore>{std::make_unique<TestedVictoria>(**started)};
}

using Version = InfluxContract::Version;
INSTANTIATE_TEST_SUITE_P(
    Live, StoreConformance,
    testing::Values(BackEnd{"influxdb", influxdb<Influxd::Auth::none>},
                    BackEnd{"influxdb_auth", influxdb<Influxd::Auth::password>},
                    BackEnd{"influxdb_2_contract", contract<Version::two>},
                    BackEnd{"influxdb_3_contract", contract<Version::three>},
                    BackEnd{"victoriametrics", victoria<VictoriaMetrics::Auth::none>},
                    BackEnd{"victoriametrics_auth", victoria<VictoriaMetrics::Auth::password>}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace plimsoll
