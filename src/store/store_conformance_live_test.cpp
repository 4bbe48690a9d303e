#include <atomic>

#include "store/influx_store.h"
#include "store/store_conformance.h"
#include "support/influxd.h"

namespace plimsoll {
namespace {

// One server for all tests of a back end; each test has a database of its own.
Result<std::unique_ptr<Influxd>>& server(Influxd::Auth auth) {
  static auto open = Influxd::start(Influxd::Auth::none);
  static auto locked = Influxd::start(Influxd::Auth::password);
  return auth == Influxd::Auth::none ? open : locked;
}

class TestedInflux : public TestedStore {
 public:
  explicit TestedInflux(Influxd& server) : server_(server) {
    static std::atomic<int> count = 0;
    // A name that has to be escaped wherever it is used.
    database_ = "test \"" + std::to_string(++count) + "\" & co";
  }
  std::unique_ptr<Store> connect(asio::any_io_executor executor) override {
    InfluxConfig config;
    config.url = server_.url();
    config.database = database_;
    config.username = server_.user();
    config.password = server_.password();
    auto made = InfluxStore::make(executor, std::move(config));
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }

 private:
  Influxd& server_;
  std::string database_;
};

template <Influxd::Auth auth>
Result<std::unique_ptr<TestedStore>> make() {
  auto& started = server(auth);
  if (!started) return started.error();
  return std::unique_ptr<TestedStore>{std::make_unique<TestedInflux>(**started)};
}

INSTANTIATE_TEST_SUITE_P(Live, StoreConformance,
                         testing::Values(BackEnd{"influxdb", make<Influxd::Auth::none>},
                                         BackEnd{"influxdb_auth", make<Influxd::Auth::password>}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace plimsoll
