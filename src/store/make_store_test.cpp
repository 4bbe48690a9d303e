#include "store/make_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using testing::HasSubstr;

std::string made(const StoreConfig& config) {
  asio::io_context context;
  const auto store = make_store(context.get_executor(), config);
  if (store) return (*store)->describe();
  EXPECT_EQ(store.error().code, Errc::invalid);
  return store.error().message;
}

TEST(MakeStore, GivesTheBackEndThatIsNamed) {
  StoreConfig config;
  config.sqlite_file = "data/telemetry.db";
  EXPECT_EQ(made(config), "sqlite data/telemetry.db");
  config.kind = "influxdb";
  EXPECT_EQ(made(config), "influxdb http://127.0.0.1:8086 telemetrydata");
  config.kind = "victoriametrics";
  EXPECT_EQ(made(config), "victoriametrics http://127.0.0.1:8086 telemetrydata");
}

TEST(MakeStore, NamesTheKeyThatIsWrong) {
  StoreConfig config;
  EXPECT_THAT(made(config), HasSubstr("data_dir"));
  config.kind = "mongodb\n";
  EXPECT_EQ(made(config),
            "store.kind: 'mongodb?' is unknown; write sqlite, influxdb or victoriametrics");
  config.kind = "influxdb";
  config.url = "db:8086";
  EXPECT_THAT(made(config), HasSubstr("store.url"));
  config.kind = "victoriametrics";
  config.url = "http://db:8428";
  config.read_url = "select:8481";
  EXPECT_THAT(made(config), HasSubstr("store.read_url"));
}

}  // namespace
}  // namespace plimsoll
