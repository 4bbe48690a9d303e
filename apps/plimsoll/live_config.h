#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "config/config.h"
#include "runtime/asio.h"

namespace plimsoll {

/// What a running command does with a changed key.
enum class KeyUse {
  live,     ///< It is taken over.
  restart,  ///< It is told that it needs a restart.
  none,     ///< It is no concern of this command.
};

/// Follows plimsoll.toml while a command runs: reads it again when it changes and on SIGHUP. A file
/// that is not right, is gone or holds nothing any more changes nothing, and the log says what is
/// wrong, with its lines. A key that needs a restart is told of as long as it differs from what the
/// command was started with.
/// Thread: used from its executor only.
class LiveConfig {
 public:
  struct Parts {
    Config running;
    /// Reads the configuration out of `file`; empty: out of the usual place.
    std::function<Result<Config>(const std::filesystem::path& file)> load;
    std::function<KeyUse(std::string_view key)> use;
    /// Takes over what is live of a configuration that was found right.
    std::function<void(const Config&)> apply;
  };

  /// From here on SIGHUP ends the program no more.
  LiveConfig(const asio::any_io_executor& executor, Parts parts);
  ~LiveConfig();
  LiveConfig(const LiveConfig&) = delete;
  LiveConfig& operator=(const LiveConfig&) = delete;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plimsoll
