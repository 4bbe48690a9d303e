#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "runtime/secret_file.h"
#include "store/sqlite_keeper.h"
#include "store/store.h"

namespace plimsoll {

/// The section [store] of plimsoll.toml, with secrets read and paths made whole.
struct StoreConfig {
  std::string kind = "sqlite";  ///< sqlite, influxdb or victoriametrics.
  std::filesystem::path sqlite_file;
  SqliteKeep keep;                            ///< Of SQLite.
  std::string url = "http://127.0.0.1:8086";  ///< Of a server.
  std::string read_url;                       ///< VictoriaMetrics' cluster reads elsewhere.
  std::string database = "telemetrydata";     ///< Or the bucket.
  std::string username, org;
  Secret password, token;
  /// For whoever makes points (points_of): the container's id as a tag, or as a field.
  bool container_id_tag = true;
};

/// The back end that the configuration names. Nothing is opened yet: call open().
/// Errors: invalid - names the key and what to write.
[[nodiscard]] Result<std::unique_ptr<Store>> make_store(const asio::any_io_executor& executor,
                                                        const StoreConfig& config);

}  // namespace plimsoll
