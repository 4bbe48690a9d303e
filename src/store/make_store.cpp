#include "store/make_store.h"

#include <fmt/format.h>

#include "core/text.h"
#include "store/influx_store.h"
#include "store/sqlite_store.h"
#include "store/victoria_store.h"

namespace plimsoll {
namespace {

Result<std::unique_ptr<Store>> make_sqlite(const StoreConfig& config) {
  if (config.sqlite_file.empty()) return Error{Errc::invalid, "data_dir: must not be empty"};
  return std::unique_ptr<Store>{std::make_unique<SqliteStore>(config.sqlite_file, config.keep)};
}

Result<std::unique_ptr<Store>> make_influx(const asio::any_io_executor& executor,
                                           const StoreConfig& config) {
  InfluxConfig influx;
  influx.url = config.url;
  influx.database = config.database;
  influx.login = {config.username, config.password, config.token};
  influx.org = config.org;
  auto made = InfluxStore::make(executor, std::move(influx));
  if (!made) return made.error();
  return std::unique_ptr<Store>{std::move(*made)};
}

Result<std::unique_ptr<Store>> make_victoria(const asio::any_io_executor& executor,
                                             const StoreConfig& config) {
  VictoriaConfig victoria;
  victoria.url = config.url;
  victoria.read_url = config.read_url;
  victoria.database = config.database;
  victoria.login = {config.username, config.password, config.token};
  auto made = VictoriaStore::make(executor, std::move(victoria));
  if (!made) return made.error();
  return std::unique_ptr<Store>{std::move(*made)};
}

}  // namespace

Result<std::unique_ptr<Store>> make_store(const asio::any_io_executor& executor,
                                          const StoreConfig& config) {
  if (config.kind == "sqlite") return make_sqlite(config);
  if (config.kind == "influxdb") return make_influx(executor, config);
  if (config.kind == "victoriametrics") return make_victoria(executor, config);
  return Error{Errc::invalid,
               fmt::format("store.kind: '{}' is unknown; write sqlite, influxdb or victoriametrics",
                           printable(config.kind, 40))};
}

}  // namespace plimsoll
