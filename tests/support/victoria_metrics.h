#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "support/daemon.h"
#include "support/temp_dir.h"

namespace plimsoll {

/// A real victoria-metrics of the test's own: free port of 127.0.0.1, temporary folder, points of
/// any age, duplicates removed as our documentation advises. Needs daemon.cpp too.
/// Blocks: until the server answers, at most a minute.
class VictoriaMetrics {
 public:
  enum class Auth { none, password };
  /// Errors: not_found - it is not installed; else what its log says.
  [[nodiscard]] static Result<std::unique_ptr<VictoriaMetrics>> start(Auth auth);

  /// Ends the server; its data stay.
  void stop() { daemon_->stop(); }
  /// Starts it anew on the same port with the same data.
  [[nodiscard]] Result<void> start_again();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string user() const { return auth_ == Auth::password ? "ops" : ""; }
  [[nodiscard]] std::string password() const { return auth_ == Auth::password ? "s3cret" : ""; }
  /// Makes all that was written readable, which else takes a second or two.
  [[nodiscard]] Result<void> flush() const;
  /// What an address of its own gives, with the password.
  [[nodiscard]] Result<HttpResponse> get(const std::string& target) const;

 private:
  explicit VictoriaMetrics(Auth auth) : auth_(auth) {}
  Result<void> launch();

  Auth auth_;
  TempDir folder_;
  std::uint16_t port_ = 0;
  std::optional<Daemon> daemon_;
};

}  // namespace plimsoll
