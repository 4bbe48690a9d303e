#include "store/make_store.h"

#include <fmt/format.h>

#include "core/text.h"
#include "store/influx_store.h"
#include "store/sqlite_store.h"

namespace plimsoll {
namespace {

Result<std::unique_ptr<Store>> make_sqlite(const StoreConfig& config) {
  if (config.sqlite_file.empty()) return Error{Errc::invalid, "data_dir: must not be empty"};
  return std::unique_ptr<Store>{std::make_unique<SqliteStore>(config.sqlite_file)};
}

Result<std::unique_ptr<Store>> make_influx(const asio::any_io_executor& executor,
                                           const StoreConfig& config) {
  InfluxConfig influx;
  influx.url = config.url;
  influx.database = config.database;
  influx.username = config.username;
  influx.password = config.password;
  influx.token = config.token;
  influx.org = config.org;
  auto made = InfluxStore::make(executor, std::move(influx));
  if (!made) return made.error();
  return std::unique_ptr<Store>{std::move(*made)};
}

}  // namespace

Result<std::unique_ptr<Store>> make_store(const asio::any_io_executor& executor,
                                          const StoreConfig& config) {
  if (config.kind == "sqlite") return make_sqlite(config);
  if (config.kind == "influxdb") return make_influx(executor, config);
  if (config.kind == "victoriametrics") {
    return Error{Errc::invalid,
                 "store.kind: victoriametrics is not supported by this version; "
                 "write sqlite or influxdb"};
  }
  return Error{Errc::invalid, fmt::format("store.kind: '{}' is unknown; write sqlite or influxdb",
                                          printable(config.kind, 40))};
}

}  // namespace plimsoll
