#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "support/daemon.h"
#include "support/temp_dir.h"

namespace plimsoll {

/// A real influxd (1.x) of the test's own: free port of 127.0.0.1, temporary folder. Needs
/// daemon.cpp too.
/// Blocks: until the server answers, at most a minute.
class Influxd {
 public:
  enum class Auth { none, password };
  /// With Auth::password there is one user, an administrator: user() and password().
  /// Errors: not_found - influxd is not installed; else what its log says.
  [[nodiscard]] static Result<std::unique_ptr<Influxd>> start(Auth auth);
  Influxd(const Influxd&) = delete;
  Influxd& operator=(const Influxd&) = delete;

  /// Ends the server; its data stay.
  void stop();
  /// Starts it anew on the same port with the same data.
  [[nodiscard]] Result<void> start_again();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] const std::string& password() const { return password_; }
  /// Runs InfluxQL as the administrator and gives the answer's JSON; an error in it is one.
  [[nodiscard]] Result<std::string> query(const std::string& influxql,
                                          const std::string& database = "") const;

 private:
  explicit Influxd(Auth auth) : auth_(auth) {}
  Result<void> launch();
  Result<void> make_user();
  void write_config() const;

  Auth auth_;
  TempDir folder_;
  std::uint16_t port_ = 0;
  std::optional<Daemon> daemon_;
  std::string user_, password_;
};

}  // namespace plimsoll
